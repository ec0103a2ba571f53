// Puts the page together: one store, one stream, and the parts that draw.

import * as screenReader from "./screen_reader.js";
import * as breakers from "./breakers.js";
import * as charts from "./charts.js";
import * as events from "./events.js";
import * as experiments from "./experiments.js";
import * as faults from "./faults.js";
import * as load from "./load.js";
import * as numbers from "./numbers.js";
import * as policy from "./policy.js";
import * as replicas from "./replicas.js";
import * as run from "./run.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";

const store = new Store();
for (const part of [run, faults, policy, load, experiments, numbers, breakers, charts, replicas, events, screenReader]) part.start(store);
new Stream(store, run.showLink).start();
