import { readConfig } from '../config/config.js';
import { processEnvironment } from '../config/environment.js';
import { unhurriedDataSource } from '../data-source.js';
import { AesSecretCipher } from '../secrets/adapters/aes-secret-cipher.js';
import { TypeormSecretKeyMarks } from '../secrets/repositories/typeorm-secret-key-marks.js';
import { TypeormSecretRotation } from '../secrets/repositories/typeorm-secret-rotation.js';
import { SecretKeyCheck } from '../secrets/services/secret-key-check.js';
import { SecretRotator, isDone, report } from '../secrets/services/secret-rotator.js';

// Nothing is signed here; the configuration as a whole is still checked.
const unusedSecret = 'unused-by-rotations-0123456789abcdef';

/** `node dist/commands/rotate-secrets.js`: ends with 0 when no secret needs another than the current key. */
try {
  const environment = processEnvironment();
  const config = readConfig({ ...environment, JWT_SECRET: environment['JWT_SECRET'] || unusedSecret });
  const dataSource = unhurriedDataSource(config);
  await dataSource.initialize();
  try {
    const cipher = new AesSecretCipher(config);
    // Nothing is sealed with a key that the processes do not have.
    await new SecretKeyCheck(new TypeormSecretKeyMarks(dataSource), cipher).check();
    const rotator = new SecretRotator(new TypeormSecretRotation(dataSource), cipher);
    const rotation = await rotator.rotate((done, total) => process.stdout.write(`${done} of ${total}\n`));
    process.stdout.write(`${report(rotation)}\n`);
    process.exitCode = isDone(rotation.byVersion, rotation.version) ? 0 : 1;
  } finally {
    await dataSource.destroy();
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
