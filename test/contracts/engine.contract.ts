import { directStartsContract } from './direct-starts.contract.js';
import type { OpenGround } from './ground.js';
import { jobLoggerContract } from './job-logger.contract.js';
import { jobPlansContract } from './job-plans.contract.js';
import { jobRepositoryContract } from './job-repository.contract.js';
import { runGatesContract } from './run-gates.contract.js';
import { runHistoryContract } from './run-history.contract.js';
import { runLeasesContract } from './run-leases.contract.js';
import { settlementBatchesContract } from './settlement-batches.contract.js';
import { runRepositoryContract } from './run-repository.contract.js';
import { owedDoorbellsContract } from './owed-doorbells.contract.js';

/** All contracts of the store that the engine stands on. @param kind the first part of the adapters' names */
export function engineContracts(kind: string, open: OpenGround): void {
  jobRepositoryContract(`${kind}JobRepository`, open);
  jobPlansContract(`${kind}JobPlans`, open);
  runRepositoryContract(`${kind}RunRepository`, open);
  directStartsContract(`${kind}RunRepository`, open);
  runLeasesContract(`${kind}RunLeases`, open);
  settlementBatchesContract(`${kind}RunLeases`, open);
  owedDoorbellsContract(`${kind}RunRings`, open);
  runGatesContract(`${kind}RunGates`, open);
  jobLoggerContract(`${kind}JobLogger`, open);
  runHistoryContract(`${kind}RunHistory`, open);
}
