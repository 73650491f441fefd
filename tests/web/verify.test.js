import { judgeMdoc } from "./judge.js";
import { testVectors } from "./verification-vectors.js";

testVectors("verify", judgeMdoc);
