// EBNF for the decimal numbers between two bounds. XGrammar's own lets 121 through where 120 is the most, and 4 where 5 is
// the least.

export interface Bound {
  readonly value: number;
  /** The bound itself is allowed. */
  readonly inclusive: boolean;
}

export interface Range {
  readonly low?: Bound | undefined;
  readonly high?: Bound | undefined;
}

/** EBNF of the integers in the range; undefined if there are none. */
export function integerRange({ low, high }: Range): string | undefined {
  const least = low && (low.inclusive ? Math.ceil(low.value) : Math.floor(low.value) + 1);
  const most = high && (high.inclusive ? Math.floor(high.value) : Math.ceil(high.value) - 1);
  const negative = wholes(Math.max(1, -(most ?? -1)), least === undefined ? undefined : -least);
  return oneOf(
    most === undefined || most >= 0 ? wholes(Math.max(0, least ?? 0), most) : undefined,
    negative && `"-" ${negative}`,
  );
}

/** EBNF of the decimal fractions in the range, without exponents; undefined if there are none. */
export function numberRange({ low, high }: Range): string | undefined {
  const zero: Bound = { value: 0, inclusive: true };
  const mirrored = (bound: Bound | undefined) => bound && { ...bound, value: -bound.value };
  const positive = decimals(low === undefined || low.value < 0 ? zero : low, high);
  const belowZero = high === undefined || high.value >= 0 ? { ...zero, inclusive: false } : mirrored(high)!;
  const negative = decimals(belowZero, mirrored(low));
  return oneOf(positive, negative && `"-" ${negative}`);
}

/** Decimals from `low` ≥ 0 on. */
function decimals(low: Bound, high: Bound | undefined): string | undefined {
  if (high !== undefined && high.value < low.value) return undefined;
  const [lowWhole, lowFraction] = parts(low.value);
  const [highWhole, highFraction] = high === undefined ? [undefined, undefined] : parts(high.value);
  const from = { digits: lowFraction, inclusive: low.inclusive };
  const to = highFraction === undefined ? undefined : { digits: highFraction, inclusive: high!.inclusive };
  const behind = (whole: number, rest: string | undefined) =>
    rest === undefined ? undefined : `"${whole}" ${rest}`;
  if (lowWhole === highWhole) return behind(lowWhole, fraction(from, to));
  const between = wholes(lowWhole + 1, highWhole === undefined ? undefined : highWhole - 1);
  return oneOf(
    behind(lowWhole, fraction(from, undefined)),
    between && `${between} ${fraction(undefined, undefined)}`,
    highWhole === undefined ? undefined : behind(highWhole, fraction(undefined, to)),
  );
}

/** Whole part, and the digits behind the point without zeros at the end. */
function parts(value: number): [number, string] {
  const [whole, digits = ''] = value.toString().split('.');
  return [Number(whole), digits];
}

interface Digits {
  readonly digits: string;
  readonly inclusive: boolean;
}

/** What may stand behind a whole number: nothing, or a point and digits. */
function fraction(low: Digits | undefined, high: Digits | undefined): string | undefined {
  const some = digitsBetween(low, high);
  const withPoint = some && `"." ${some}`;
  return mayEnd(low, high) ? (withPoint === undefined ? '""' : `(${withPoint})?`) : withPoint;
}

/** Whether no more digits, which is 0, lie between the two. */
function mayEnd(low: Digits | undefined, high: Digits | undefined): boolean {
  return (
    (low === undefined || (low.digits === '' && low.inclusive)) &&
    (high === undefined || high.digits !== '' || high.inclusive)
  );
}

/** One digit or more, read as a fraction. */
function digitsBetween(low: Digits | undefined, high: Digits | undefined): string | undefined {
  if (low?.digits === '' && low.inclusive) return digitsBetween(undefined, high);
  if (high?.digits === '') return low === undefined && high.inclusive ? '"0"+' : undefined;
  if (high === undefined && low === undefined) return '[0-9]+';
  if (high === undefined && low!.digits === '') return '"0"* [1-9] [0-9]*';
  const first = low === undefined ? -1 : Number(low.digits[0] ?? 0);
  const last = high === undefined ? 10 : Number(high.digits[0]);
  const rest = (bound: Digits | undefined) => bound && { ...bound, digits: bound.digits.slice(1) };
  if (first === last) return following(first, rest(low), rest(high));
  return oneOf(
    low && following(first, rest(low), undefined),
    digitClass(first + 1, last - 1, ' [0-9]*'),
    high && following(last, undefined, rest(high)),
  );
}

function following(digit: number, low: Digits | undefined, high: Digits | undefined): string | undefined {
  const some = digitsBetween(low, high);
  if (mayEnd(low, high)) return some === undefined ? `"${digit}"` : `"${digit}" (${some})?`;
  return some && `"${digit}" ${some}`;
}

/** Whole numbers from `low` ≥ 0 on, without leading zeros. */
function wholes(low: number, high: number | undefined): string | undefined {
  const digits = String(low);
  const nines = '9'.repeat(digits.length);
  if (high === undefined) return oneOf(sameLength(digits, nines), `[1-9] [0-9]{${digits.length},}`);
  if (high < low) return undefined;
  if (String(high).length === digits.length) return sameLength(digits, String(high));
  return oneOf(sameLength(digits, nines), wholes(10 ** digits.length, high));
}

function sameLength(low: string, high: string): string {
  const length = low.length - 1;
  if (length < 0) return '""';
  const [first, last] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (first === last) return `"${first}" ${sameLength(lowRest, highRest)}`;
  const any = length === 0 ? '' : ` [0-9]{${length}}`;
  const lowIsWhole = /^0*$/.test(lowRest);
  const highIsWhole = /^9*$/.test(highRest);
  return oneOf(
    lowIsWhole ? undefined : `"${first}" ${sameLength(lowRest, '9'.repeat(length))}`,
    digitClass(lowIsWhole ? first : first + 1, highIsWhole ? last : last - 1, any),
    highIsWhole ? undefined : `"${last}" ${sameLength('0'.repeat(length), highRest)}`,
  )!;
}

function digitClass(from: number, to: number, rest: string): string | undefined {
  return from > to ? undefined : `[${Math.max(from, 0)}-${Math.min(to, 9)}]${rest}`;
}

function oneOf(...alternatives: readonly (string | undefined)[]): string | undefined {
  const given = alternatives.filter((each) => each !== undefined);
  return given.length < 2 ? given[0] : `(${given.join(' | ')})`;
}
