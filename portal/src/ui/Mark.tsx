/** The product's mark; what stands beside it says its name. */
export function Mark({ size }: { size: number }) {
  return <img src="/favicon.svg" alt="" width={size} height={size} />;
}
