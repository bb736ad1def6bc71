// Unpacks the browser with the libraries that it needs, once and at once, and says where both are.
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./node_modules/.chromium', import.meta.url));
if (!existsSync(folder)) {
  // The package takes the libraries along only where it believes itself on AWS, and unpacks into the folder for temporary files.
  const work = mkdtempSync(`${folder}-`);
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs22.x';
  process.env.TMPDIR = work;
  const { default: chromium } = await import('@sparticuz/chromium');
  await chromium.executablePath();
  try {
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

console.log(JSON.stringify({ program: join(folder, 'chromium'), libraries: join(folder, 'al2023', 'lib') }));
