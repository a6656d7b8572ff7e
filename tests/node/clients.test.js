import { suite } from "./clients.js";
import { Demo } from "./gateway.js";

suite(() => Demo.start());
