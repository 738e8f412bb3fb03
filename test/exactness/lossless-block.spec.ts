import { testLosslessness } from './lossless.js';

testLosslessness('block');
