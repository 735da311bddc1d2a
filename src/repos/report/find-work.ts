import { utcTextOf } from '../time-text.js';
import { type Finder, oldEnough } from './look.js';

/** Uploads that were abandoned: without a result, without a claimer, or with an alias that could not be released. */
export const staleUploads: Finder = {
  start: ['-infinity', '00000000-0000-0000-0000-000000000000'],
  members: ['time', 'text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select id, alias, created_at, expires_at, completed_at, claimer_sha256, is_over, row_number() over (order by expires_at, id) as n
      from (
        select id, alias, created_at, expires_at, completed_at, claimer_sha256, is_over
        from uploads
        where (expires_at, id) > (${look.after[0] ?? ''}::text::timestamptz, ${look.after[1] ?? ''}::text::uuid)
        order by expires_at, id
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select
        looked_at.*,
        case when is_over then 'over' when completed_at is null then 'pending' else 'unclaimed' end as state,
        row_number() over (order by n) as m
      from looked_at
      where claimer_sha256 is null
        and (is_over or coalesce(completed_at, created_at) < ${oldEnough(sql, look)})
    )`,
  place: (sql) => sql`json_build_array(${utcTextOf(sql, sql`expires_at`)}, id)`,
  // The id is not shown, because it gives access to the upload.
  sample: (sql) => sql`
    json_build_object('state', state, 'alias', alias, 'created_at', ${utcTextOf(sql, sql`created_at`)})`,
};

/** Claims whose lease has expired, and that nobody has taken over. */
export const claimsThatRanOut: Finder = {
  start: ['', ''],
  members: ['hash', 'text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select hash, variant, lease_expires_at, identifier, error, row_number() over (order by hash, variant) as n
      from (
        select hash, variant, lease_expires_at, identifier, error
        from variant_claims
        where (hash, variant) > (decode(${look.after[0] ?? ''}, 'hex'), ${look.after[1] ?? ''})
        order by hash, variant
        limit ${look.size}
      ) as page
    ),
    found as materialized (
      select looked_at.*, row_number() over (order by n) as m
      from looked_at
      where coalesce(identifier, error) is null
        and lease_expires_at < statement_timestamp()
    )`,
  place: (sql) => sql`json_build_array(encode(hash, 'hex'), variant)`,
  sample: (sql) => sql`
    json_build_object(
      'hash', encode(hash, 'hex'),
      'variant', variant,
      'lease_expires_at', ${utcTextOf(sql, sql`lease_expires_at`)}
    )`,
};

/** Dead jobs, by queue. */
export const deadJobs: Finder = {
  start: ['', '0'],
  members: ['text', 'text'],
  looked: (sql, look) => sql`
    looked_at as materialized (
      select queue, seq, id, died_at, row_number() over (order by queue, seq) as n
      from (
        select queue, seq, id, died_at
        from dead_jobs
        where (queue, seq) > (${look.after[0] ?? ''}, ${look.after[1] ?? '0'}::text::bigint)
        order by queue, seq
        limit ${look.size}
      ) as page
    ),
    found as (
      select looked_at.*, n as m from looked_at
    )`,
  place: (sql) => sql`json_build_array(queue, seq::text)`,
  sample: (sql) => sql`
    json_build_object('queue', queue, 'id', id, 'died_at', ${utcTextOf(sql, sql`died_at`)})`,
};
