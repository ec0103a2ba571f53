// A shop in plain Node that asks another service for prices, and once more if that fails.
const http = require("node:http");

const PRICES = process.env.PRICES_URL;

async function prices(attempts = 2) {
  try {
    const answer = await fetch(`${PRICES}/prices`, { signal: AbortSignal.timeout(1000) });
    if (!answer.ok) throw new Error(`prices answered ${answer.status}`);
    return await answer.json();
  } catch (error) {
    if (attempts > 1) return prices(attempts - 1);
    throw error;
  }
}

async function checkout() {
  try {
    const found = await prices();
    return { status: "ok", total: Object.values(found).reduce((sum, price) => sum + price, 0) };
  } catch {
    return { status: "fallback", total: null };
  }
}

http
  .createServer(async (request, response) => {
    const answer = request.url === "/checkout" ? await checkout() : { status: "ok" };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(answer));
  })
  .listen(Number(process.env.PORT), "127.0.0.1");
