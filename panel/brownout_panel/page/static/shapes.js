// The load shapes and their parameters: [name, label, placeholder]. Empty fields take the shape's own defaults.

export const SHAPES = {
  "steady": [],
  "ramp": [["ramp_from", "from level (0 to 1)", "0"], ["ramp_time", "seconds to the peak", "whole run"]],
  "steps": [["steps", "steps", "5"]],
  "spike": [["spike_base", "level around it (0 to 1)", "0.2"], ["spike_at", "comes at second", "2/5 of the run"], ["spike_time", "lasts seconds", "1/5 of the run"]],
  "soak": [["soak_ramp", "ramp seconds", "1/20 of the run"]],
  "up-down": [["up_down_steps", "levels", "4"]]
};
