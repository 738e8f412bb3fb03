// Mutual TLS between services: both sides show a certificate that the same authority signed, and either may be replaced
// while connections are up. Without it links are plain text: for loopback and private networks only.
import { ChannelCredentials, type ChannelOptions, experimental, ServerCredentials } from '@grpc/grpc-js';

/** PEM files' contents. */
export interface TlsIdentity {
  readonly certificateAuthority: Buffer;
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
}

export interface TlsOptions {
  readonly identity: RenewableIdentity;
  /** Name that servers' certificates carry, where they are dialled by addresses that no certificate can list (pods). */
  readonly serverName?: string | undefined;
}

type CaListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

/** The identity that new connections are made with; those that are up keep theirs. */
export class RenewableIdentity implements experimental.CertificateProvider {
  readonly #caListeners = new Set<CaListener>();
  readonly #identityListeners = new Set<IdentityListener>();

  constructor(private current: TlsIdentity) {}

  /** For links of other protocols, under the names of node:tls. */
  get pem(): { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer } {
    const { certificateAuthority: ca, certificate: cert, privateKey: key } = this.current;
    return { ca, cert, key };
  }

  /** @param identity Must be sound: a key that doesn't fit its certificate is found out by connections that fail. */
  renew(identity: TlsIdentity): void {
    this.current = identity;
    for (const listener of this.#caListeners) this.#tellAuthority(listener);
    for (const listener of this.#identityListeners) this.#tellIdentity(listener);
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    process.nextTick(() => this.#tellAuthority(listener));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    process.nextTick(() => this.#tellIdentity(listener));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
  }

  #tellAuthority(listener: CaListener): void {
    if (this.#caListeners.has(listener)) listener({ caCertificate: this.current.certificateAuthority });
  }

  #tellIdentity(listener: IdentityListener): void {
    const { certificate, privateKey } = this.current;
    if (this.#identityListeners.has(listener)) listener({ certificate, privateKey });
  }
}

export function channelCredentials(tls: TlsOptions | undefined): ChannelCredentials {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  return experimental.createCertificateProviderChannelCredentials(tls.identity, tls.identity);
}

export function tlsChannelOptions(tls: TlsOptions | undefined): ChannelOptions {
  return tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName };
}

export function serverCredentials(tls: TlsOptions | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  return experimental.createCertificateProviderServerCredentials(tls.identity, tls.identity, true);
}
