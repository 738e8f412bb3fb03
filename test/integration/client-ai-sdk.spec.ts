import { clientContract } from '../support/client-contract.js';
import { aiSdkLibrary } from '../support/clients/ai-sdk.js';

clientContract('AI SDK', aiSdkLibrary);
