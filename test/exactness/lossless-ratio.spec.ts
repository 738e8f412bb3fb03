import { testLosslessness } from './lossless.js';

testLosslessness('ratio');
