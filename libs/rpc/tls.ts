// Mutual TLS between services. Without it links are plain text: for loopback and private networks only.
import { ChannelCredentials, type ChannelOptions, ServerCredentials } from '@grpc/grpc-js';

/** PEM files' contents. Both sides show a certificate that the same authority signed. */
export interface TlsOptions {
  readonly certificateAuthority: Buffer;
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
  /** Name that servers' certificates carry, where they are dialled by addresses that no certificate can list (pods). */
  readonly serverName?: string;
}

export function channelCredentials(tls: TlsOptions | undefined): ChannelCredentials {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  return ChannelCredentials.createSsl(tls.certificateAuthority, tls.privateKey, tls.certificate);
}

export function tlsChannelOptions(tls: TlsOptions | undefined): ChannelOptions {
  return tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName };
}

export function serverCredentials(tls: TlsOptions | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { private_key: tls.privateKey, cert_chain: tls.certificate };
  return ServerCredentials.createSsl(tls.certificateAuthority, [pair], true);
}
