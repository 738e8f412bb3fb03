import { clientContract } from '../support/client-contract.js';
import { langChainLibrary } from '../support/clients/langchain.js';

clientContract('LangChain', langChainLibrary);
