import postgres, { type TransactionSql } from 'postgres';
import { connectionOptions } from '../../src/database/connection.js';
import type { Database, Sql } from '../../src/database/database.js';
import { PLANNER_SETTINGS } from '../../src/database/settings.js';
import { atEnd } from './cleanup.js';

/** A node of a plan, as EXPLAIN (FORMAT JSON) shows it. */
export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Subplan Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
}

export type PlanMode = 'force_custom_plan' | 'force_generic_plan';

const UNDONE = new Error('rolled back');

/** Shows the plans of the statements that the repo sends, with the very texts and parameters. */
export function planner(url: string) {
  let sent: Statement | undefined;
  const captured = new WeakMap<Ask, Statement>();
  const sql = postgres({
    ...connectionOptions({ url, statementTimeoutSeconds: 0 }),
    max: 1,
    debug: (_connection, text, values) => {
      sent = { text, values };
    },
  });
  atEnd(() => sql.end({ timeout: 1 }));

  /** Runs the task, and takes back what it did. */
  async function undone<T>(task: (tx: TransactionSql) => Promise<T>): Promise<T> {
    let result: { value: T } | undefined;
    await sql
      .begin(async (tx) => {
        result = { value: await task(tx) };
        throw UNDONE;
      })
      .catch((error: unknown) => {
        if (error !== UNDONE) throw error;
      });
    if (!result) throw new Error('nothing was run');
    return result.value;
  }

  /** The one statement that `ask` runs. It is run once, however often the same `ask` is explained. */
  async function statementOf(ask: Ask): Promise<Statement> {
    const known = captured.get(ask);
    if (known) return known;
    const asked = await undone(async (tx) => {
      let first: Statement | undefined;
      await ask({
        run: async (statement) => {
          const rows = await statement(tx as unknown as Sql);
          first ??= sent;
          return [...rows];
        },
        load: () => ({ running: 0, waiting: 0, size: 1 }),
        close: async () => {},
      });
      return first;
    });
    if (!asked) throw new Error('no statement was run');
    captured.set(ask, asked);
    return asked;
  }

  async function explainPrepared(tx: TransactionSql, name: string, { values }: Statement): Promise<PlanNode> {
    const literals = values.map(literal).join(', ');
    const [row] = await tx.unsafe<{ 'QUERY PLAN': [{ Plan: PlanNode }] }[]>(
      `explain (analyze, buffers, format json) execute ${name} ${literals && `(${literals})`}`,
    );
    if (!row) throw new Error('no plan was shown');
    return row['QUERY PLAN'][0].Plan;
  }

  return {
    /** The executed query plan of the single statement that `ask` runs, planned as a prepared statement. */
    async explain(ask: Ask, mode: PlanMode): Promise<PlanNode> {
      const asked = await statementOf(ask);
      return await undone(async (tx) => {
        for (const [setting, value] of Object.entries({ ...PLANNER_SETTINGS, plan_cache_mode: mode })) {
          await tx.unsafe(`set local ${setting} = ${value}`);
        }
        await tx.unsafe(`prepare asked as ${asked.text}`);
        try {
          return await explainPrepared(tx, 'asked', asked);
        } finally {
          await tx.unsafe('deallocate asked');
        }
      });
    },

    /** Prepares and plans the statement now, as the service does; what it returns shows that plan at work later. */
    async plan(ask: Ask): Promise<(later: Ask) => Promise<PlanNode>> {
      const name = `planned_${++planned}`;
      for (const [setting, value] of Object.entries(PLANNER_SETTINGS))
        await sql.unsafe(`set ${setting} = ${value}`);
      const asked = await statementOf(ask);
      await sql.unsafe(`prepare ${name} as ${asked.text}`);
      await undone((tx) => explainPrepared(tx, name, asked));
      return async (later) => {
        const values = await statementOf(later);
        return await undone((tx) => explainPrepared(tx, name, values));
      };
    },
  };
}

type Ask = (db: Database) => Promise<unknown>;

interface Statement {
  text: string;
  values: unknown[];
}

let planned = 0;

/** A parameter as a literal, which PREPARE gives its type. */
function literal(value: unknown): string {
  if (value === null) return 'null';
  const text = Array.isArray(value) ? `{${value.map(element).join(',')}}` : String(value);
  return `'${text.replaceAll("'", "''")}'`;
}

function element(value: unknown): string {
  return value === null ? 'NULL' : `"${String(value).replaceAll(/["\\]/g, '\\$&')}"`;
}

/** The node and all below it. */
export function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** The CTE of that name, with what it reads by itself and below. */
export function cteOf(plan: PlanNode, name: string): PlanNode {
  const found = nodesOf(plan).find((node) => node['Subplan Name'] === `CTE ${name}`);
  if (!found) throw new Error(`the query plan has no CTE ${name}`);
  return found;
}

export function buffersOf(node: PlanNode): number {
  return node['Shared Hit Blocks'] + node['Shared Read Blocks'];
}

/** How the node and all below it read a table: the node's type, and the index where there is one. */
export function scansOf(plan: PlanNode, table: string): string[] {
  return nodesOf(plan)
    .filter((node) => node['Relation Name'] === table || node['Index Name']?.startsWith(`${table}_`))
    .filter((node) => node['Node Type'] !== 'ModifyTable')
    .map((node) => [node['Node Type'], node['Index Name']].filter((part) => part !== undefined).join(' '));
}
