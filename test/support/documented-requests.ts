// The curl commands of a Markdown page, as requests: every example that users copy is run by a test.

export interface DocumentedRequest {
  /** Line of the page, from 1. */
  readonly line: number;
  readonly method: string;
  /** Without host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export function documentedRequests(markdown: string): DocumentedRequest[] {
  const lines = markdown.split('\n');
  return lines.flatMap((line, i) => (/^\s*curl /.test(line) ? [requestAt(lines, i)] : []));
}

function requestAt(lines: readonly string[], start: number): DocumentedRequest {
  let words: string[] | undefined;
  let text = '';
  for (let i = start; words === undefined; i++) {
    if (i >= lines.length) throw new Error(`The command in line ${start + 1} does not end.`);
    text += `${i === start ? '' : '\n'}${lines[i]!.trim()}`;
    words = shellWords(text);
  }
  const headers: Record<string, string> = {};
  let [method, body, url]: (string | undefined)[] = [];
  for (let i = 1; i < words.length; i++) {
    const word = words[i]!;
    if (word === '-H') {
      const [name, ...value] = words[++i]!.split(':');
      headers[name!] = value.join(':').trim();
    } else if (word === '-d') body = words[++i];
    else if (word === '-X') method = words[++i];
    else if (!word.startsWith('-')) url = word;
  }
  if (url === undefined) throw new Error(`The command in line ${start + 1} names no URL.`);
  const path = url.replace(/^(http:\/\/)?[^/]+/, '');
  return { line: start + 1, method: method ?? (body === undefined ? 'GET' : 'POST'), path, headers, body };
}

/** The words up to a pipe; undefined while a quote is open or the line goes on. Knows no more of a shell than we use. */
function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  const token = /\s*(?:'([^']*)'|"([^"]*)"|(\\\n)|(\|)|([^\s'"\\|]+))/y;
  const end = /\s*$/y;
  let at = 0;
  while (at < text.length) {
    end.lastIndex = at;
    if (end.test(text)) return words;
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) return undefined;
    if (match[4] !== undefined) return words;
    const word = match[1] ?? match[2] ?? match[5];
    if (word !== undefined) words.push(word);
    at = token.lastIndex;
  }
  return words;
}
