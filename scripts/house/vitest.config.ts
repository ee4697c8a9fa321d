import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['scripts/house/*.test.ts'] } });
