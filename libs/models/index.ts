export { MANIFEST_FILE, type Manifest, manifestSchema } from './manifest.js';
