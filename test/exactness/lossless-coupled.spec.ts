import { testLosslessness } from './lossless.js';

testLosslessness('coupled');
