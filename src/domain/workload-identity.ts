/**
 * Who a person's programs are to the cloud: a Kubernetes service account. Storage providers bind a bucket to it, spawners run
 * pods as it. Environments outside a cluster have none (null).
 */
export interface WorkloadIdentity {
  /** DNS label (RFC 1123), at most 63 characters. */
  namespace: string;
  /** DNS label (RFC 1123), at most 63 characters. */
  serviceAccount: string;
}
