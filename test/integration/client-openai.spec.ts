import { clientContract } from '../support/client-contract.js';
import { openAiLibrary } from '../support/clients/openai.js';

clientContract('openai', openAiLibrary);
