// A line of the gateway's log of training data, as others may have touched it: checked whole before anything uses it.
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';

const roundSchema = z
  .tuple([z.number().int().min(1), z.number().int().min(0)])
  .refine(([drafted, accepted]) => accepted <= drafted, 'more tokens accepted than drafted');

const answerSchema = z
  .object({
    messages: z
      .array(z.object({ role: z.string().min(1), content: z.string() }))
      .min(1)
      .optional(),
    text: z.string().optional(),
    answer: z.string(),
    temperature: z.number().min(0),
    rounds: z.array(roundSchema),
    /** When it was given; logs of older gateways don't say. */
    at: z.iso.datetime().optional(),
  })
  .refine(({ messages, text }) => (messages === undefined) !== (text === undefined), {
    message: 'needs one of messages and text',
  });

export type LoggedAnswer = z.infer<typeof answerSchema>;

/** @throws AppError failed_precondition that says what is wrong with the line. */
export function readLoggedAnswer(line: string, where: string): LoggedAnswer {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new AppError('failed_precondition', `${where} is no JSON (cut off, perhaps).`, { cause });
  }
  const parsed = answerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue!.path.join('.');
  const problem = `${field === '' ? '' : `${field}: `}${issue!.message}`;
  throw new AppError('failed_precondition', `${where} is no record of the gateway: ${problem}.`);
}
