/** The mark: a small map of the microwave sky. Decorative beside the name, which says it in words. */
export function Mark({ width = 28, className }: { width?: number; className?: string }) {
  // biome-ignore lint/performance/noImgElement: a 9 KB local file in its final size gains nothing from an image service
  return <img src="/mark.png" alt="" width={width} height={width / 2} fetchPriority="low" className={className} />;
}
