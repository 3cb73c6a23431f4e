import { unhurriedDataSource } from '../data-source.js';
import { AesSecretCipher } from '../secrets/adapters/aes-secret-cipher.js';
import { TypeormSecretKeyMarks } from '../secrets/repositories/typeorm-secret-key-marks.js';
import { TypeormSecretRotation } from '../secrets/repositories/typeorm-secret-rotation.js';
import { SecretKeyCheck } from '../secrets/services/secret-key-check.js';
import { SecretRotator, isDone, report } from '../secrets/services/secret-rotator.js';
import { commandConfig, runCommand, withDataSource } from './command.js';

const failureCode = 2;

/**
 * `node dist/commands/rotate-secrets.js`. Exit codes: 0 when every secret is sealed with the current key, 1 when some secret still needs
 * an older key, 2 on an error.
 */
await runCommand(failureCode, async () => {
  const config = commandConfig();
  return withDataSource(unhurriedDataSource(config), async (dataSource) => {
    const cipher = new AesSecretCipher(config);
    // The check comes first: this command must not seal with a key that the processes do not have.
    await new SecretKeyCheck(new TypeormSecretKeyMarks(dataSource), cipher).check();
    const rotator = new SecretRotator(new TypeormSecretRotation(dataSource), cipher);
    const rotation = await rotator.rotate((done, total) => process.stdout.write(`${done} of ${total}\n`));
    process.stdout.write(`${report(rotation)}\n`);
    return isDone(rotation.byVersion, rotation.version) ? 0 : 1;
  });
});
