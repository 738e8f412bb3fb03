// A draft without a model, on a port of its own: says what the test has it say, and counts what it is asked.
import { AppError } from '#libs/errors/index.js';
import { draftServiceHandlers, type ModelInfo, startServer, type TokenizerPiece } from '#libs/rpc/index.js';
import { deterministicProposal } from '#libs/sampling/index.js';

export interface DraftScript {
  readonly fingerprint: string;
  readonly tokenizer?: () => AsyncIterable<TokenizerPiece>;
  /** Of each proposal. */
  readonly tokens?: readonly number[];
  readonly port?: number;
}

export interface ScriptedDraft {
  readonly endpoint: string;
  readonly port: number;
  readonly asked: { proposals: number; infos: number; tokenizers: number };
  close(): Promise<void>;
}

export async function startScriptedDraft(script: DraftScript): Promise<ScriptedDraft> {
  const { fingerprint, tokenizer, tokens = [1] } = script;
  const asked = { proposals: 0, infos: 0, tokenizers: 0 };
  const info: ModelInfo = {
    model: 'scripted',
    vocabSize: 260,
    vocabularyFingerprint: fingerprint,
    contextLength: 256,
  };
  const service = draftServiceHandlers({
    async *propose(requests) {
      for await (const { round, maxTokens, vocabularyFingerprint } of requests) {
        if (vocabularyFingerprint !== undefined && vocabularyFingerprint !== fingerprint)
          throw new AppError('failed_precondition', 'asked in another vocabulary');
        asked.proposals++;
        const proposal = deterministicProposal(tokens.slice(0, maxTokens));
        yield { round, outcome: 'proposal', proposal, computeMs: 0 };
      }
    },
    modelInfo: async () => {
      asked.infos++;
      return info;
    },
    tokenizer:
      tokenizer &&
      (() => {
        asked.tokenizers++;
        return tokenizer();
      }),
  });
  const server = await startServer({
    host: '127.0.0.1',
    port: script.port ?? 0,
    services: [service],
    serving: true,
  });
  const { port } = server;
  return { endpoint: `127.0.0.1:${port}`, port, asked, close: () => server.close() };
}

/** A tokenizer's files in small pieces. */
export async function* inPieces(json: string, config: string): AsyncGenerator<TokenizerPiece> {
  const bytes = new TextEncoder().encode(json);
  for (let at = 0; at < bytes.length; at += 1000) yield { tokenizerJson: bytes.subarray(at, at + 1000) };
  yield { tokenizerConfigJson: new TextEncoder().encode(config) };
}
