import { PHASE_DEVELOPMENT_SERVER } from 'next/constants.js';

/** Routes named `*.dev.tsx` exist while developing, and in builds made for tests of looks (CMBCLUSTER_DEV_PAGES=1). */
function withDevPages(phase) {
  return phase === PHASE_DEVELOPMENT_SERVER || process.env.CMBCLUSTER_DEV_PAGES === '1';
}

/** @returns {import('next').NextConfig} */
export default function config(phase) {
  const extensions = ['tsx', 'ts'];
  return {
    reactStrictMode: true,
    // Measured: smaller chunks compress worse, larger ones repeat what pages share. This keeps every page below 200 KB (bench pages).
    experimental: { turbopackChunking: { minChunkSize: 50_000, requestCost: 60_000 } },
    poweredByHeader: false,
    devIndicators: false,
    // `npm test` checks all types at once; a start need not do it again.
    typescript: { ignoreBuildErrors: true },
    pageExtensions: withDevPages(phase) ? ['dev.tsx', ...extensions] : extensions,
    // Native module of the server; Next must never try to bundle it.
    serverExternalPackages: ['better-sqlite3'],
    // Environments live on <slug>.localhost and embed pages of this origin while developing.
    allowedDevOrigins: ['*.localhost'],
  };
}
