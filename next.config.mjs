/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  // Native module of the server; Next must never try to bundle it.
  serverExternalPackages: ['better-sqlite3'],
  // Environments live on <slug>.localhost and embed pages of this origin while developing.
  allowedDevOrigins: ['*.localhost'],
};

export default config;
