/** An answer of the fake that is not what was asked for, in the shape of the API that was spoken. */
import type { ServerResponse } from 'node:http';

export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly headers: Record<string, string>;

  constructor(status: number, reason: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

export const invalid = (message: string) => new Refusal(400, 'invalid', message);
export const noBucket = () => new Refusal(404, 'notFound', 'The specified bucket does not exist.');
export const noObject = (name: string) => new Refusal(404, 'notFound', `No such object: ${name}`);
export const noUpload = () => new Refusal(404, 'NoSuchUpload', 'The requested upload was not found.');
export const conditionNotMet = () =>
  new Refusal(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.');

export function answerRefusal(response: ServerResponse, refusal: Refusal, xml: boolean): void {
  const { status, reason, message } = refusal;
  const text = xml
    ? `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${reason}</Code><Message>${message}</Message></Error>`
    : JSON.stringify({ error: { code: status, message, errors: [{ domain: 'global', reason, message }] } });
  const type = xml ? 'application/xml; charset=UTF-8' : 'application/json; charset=UTF-8';
  response.writeHead(status, { ...refusal.headers, 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
