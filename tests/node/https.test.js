// The same over https, to the gateway's own certificate. `tests/run` makes it, in the folder `TLS_FOLDER`, and has Node trust it, which it can be told at its start only.

import { suite } from "./clients.js";
import { Gateway } from "./gateway.js";

suite(() => Gateway.start(process.env.TLS_FOLDER));
