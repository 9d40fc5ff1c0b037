/** The layout shows the catalog; nothing lies above it here. */
export default function CatalogPage() {
  return null;
}
