/** Imports go down: services → intel → kernel. Services are strangers to each other. */
const service = '^src/services/([^/]+)/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no bottom to read from. Types may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'kernel-knows-no-service',
      severity: 'error',
      from: { path: '^src/kernel/' },
      to: { path: '^src/(services|intel|account|cli|console|app\\.ts)' },
    },
    {
      name: 'intel-stands-on-the-kernel',
      severity: 'error',
      from: { path: '^src/intel/' },
      to: { path: '^src/(services|account|cli|console|app\\.ts)' },
    },
    {
      name: 'services-are-strangers',
      severity: 'error',
      from: { path: service },
      to: { path: '^src/services/', pathNot: '^src/services/$1/' },
    },
    {
      name: 'services-know-no-composition',
      severity: 'error',
      from: { path: '^src/(services|account)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/(app\\.ts|cli/|main\\.ts)' },
    },
    {
      name: 'enter-by-the-front-door',
      comment:
        'From outside only index.ts of a service, of intel and of account is imported. Benches measure what is inside.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(services/[^/]+|intel|account)/|\\.test\\.ts$',
      },
      to: {
        path: '^src/(services/[^/]+|intel|account)/',
        pathNot: '^src/(services/[^/]+|intel|account)/index\\.ts$',
      },
    },
    {
      name: 'intel-front-door',
      severity: 'error',
      from: { path: '^src/services/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/intel/', pathNot: '^src/intel/index\\.ts$' },
    },
    {
      name: 'console-speaks-http-only',
      severity: 'error',
      from: { path: '^src/console/' },
      to: { path: '^src/', pathNot: '^src/console/' },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench|fuzz|quality|scripts)/|\\.test\\.ts$' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
