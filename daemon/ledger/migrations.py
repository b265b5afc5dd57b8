"""The ledger's tables, as scripts from one version to the next."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE accounts (
        name TEXT PRIMARY KEY, state TEXT NOT NULL DEFAULT 'ok', message TEXT NOT NULL DEFAULT '',
        last_success INTEGER, memo TEXT NOT NULL DEFAULT '{}', addresses TEXT NOT NULL DEFAULT '[]'
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE calendars (
        id INTEGER PRIMARY KEY, account TEXT NOT NULL, ref TEXT NOT NULL, name TEXT NOT NULL,
        version TEXT, token TEXT, complete INTEGER NOT NULL DEFAULT 0, reconciled INTEGER,
        expanded_from INTEGER, expanded_to INTEGER, zone TEXT, UNIQUE (account, ref)
    ) STRICT;
    CREATE TABLE resources (
        calendar INTEGER NOT NULL REFERENCES calendars ON DELETE CASCADE, href TEXT NOT NULL,
        etag TEXT,
        grp TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (calendar, href)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX resources_by_group ON resources (calendar, grp);
    CREATE TABLE groups (
        calendar INTEGER NOT NULL REFERENCES calendars ON DELETE CASCADE, grp TEXT NOT NULL,
        recurring INTEGER NOT NULL, PRIMARY KEY (calendar, grp)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE occurrences (
        calendar INTEGER NOT NULL, grp TEXT NOT NULL, uid TEXT NOT NULL, starts INTEGER NOT NULL,
        ends INTEGER NOT NULL,
        body TEXT NOT NULL, FOREIGN KEY (calendar, grp) REFERENCES groups ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX occurrences_by_group ON occurrences (calendar, grp);
    CREATE INDEX occurrences_by_start ON occurrences (starts);
    CREATE INDEX occurrences_by_end ON occurrences (ends);
    CREATE INDEX occurrences_by_uid ON occurrences (uid);
    CREATE TABLE problems (
        calendar INTEGER NOT NULL, grp TEXT NOT NULL, uid TEXT NOT NULL, reason TEXT NOT NULL,
        starts INTEGER, ends INTEGER, FOREIGN KEY (calendar,
        grp) REFERENCES groups ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX problems_by_group ON problems (calendar, grp);
    CREATE TABLE people (
        contact TEXT PRIMARY KEY, added INTEGER NOT NULL, snoozed_until INTEGER,
        never INTEGER NOT NULL DEFAULT 0,
        note TEXT NOT NULL DEFAULT ''
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE manual (
        contact TEXT NOT NULL, met INTEGER NOT NULL, PRIMARY KEY (contact, met)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE counted (
        contact TEXT NOT NULL, uid TEXT NOT NULL, starts INTEGER NOT NULL, ends INTEGER NOT NULL,
        rule TEXT NOT NULL,
        reason TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (contact, uid, starts)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE holds (
        uid TEXT PRIMARY KEY, contact TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    # Occurrences tell their version, calendars their owner: all texts are expanded anew, and those
    # that were made of Google's events without their version are asked for once more.
    """
    ALTER TABLE calendars ADD COLUMN owner TEXT NOT NULL DEFAULT '';
    DROP INDEX occurrences_by_uid;
    CREATE INDEX occurrences_by_uid ON occurrences (uid, calendar, grp);
    UPDATE calendars SET zone = '', version = NULL, reconciled = NULL;
    UPDATE resources SET etag = NULL WHERE grp NOT GLOB 'fikad*' AND instr(text,
    'PRODID:-//fikad//google//EN');
    DELETE FROM meta WHERE key = 'judged';
    """,
    """
    CREATE TABLE hold_calendars (
        account TEXT NOT NULL, name TEXT NOT NULL, place TEXT NOT NULL, ref TEXT,
        made INTEGER NOT NULL,
        PRIMARY KEY (account, name)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE groups ADD COLUMN appeared INTEGER NOT NULL DEFAULT 0;
    """,
    # Google's birthdays tell whose they are: those that were read without it are asked for anew.
    """
    UPDATE resources SET etag = NULL
        WHERE instr(text, 'PRODID:-//fikad//google//EN') AND instr(text,
        'FIKAD-EVENT-KIND:birthday');
    UPDATE calendars SET reconciled = NULL WHERE id IN (
        SELECT calendar FROM resources
        WHERE etag IS NULL AND instr(text, 'FIKAD-EVENT-KIND:birthday')
    );
    """,
    # ETags told more than a version: those of Google's exceptions their series (ETAG in SERIES),
    # which their group tells as well; those of files the file (SIGNATURE.DIGEST, then .PARTS where
    # it holds several).
    """
    ALTER TABLE resources ADD COLUMN signature TEXT;
    ALTER TABLE resources ADD COLUMN parts INTEGER;
    UPDATE resources SET etag = nullif(substr(etag, 1, instr(etag, ' in ') - 1), '-')
        WHERE grp <> href AND etag GLOB '* in *' AND instr(text, 'PRODID:-//fikad//google//EN');
    UPDATE resources SET
        signature = substr(etag, 1, instr(etag, '.') - 1),
        etag = substr(etag, instr(etag, '.') + 1, 16),
        parts = max(1, CAST(substr(etag, instr(etag, '.') + 18) AS INTEGER))
        WHERE etag NOT GLOB '*[^0-9a-f.-]*' AND instr(etag, '.') > 1
            AND substr(etag, instr(etag, '.') + 17, 1) IN ('', '.') AND length(etag) > instr(etag,
            '.') + 15;
    """,
    """
    CREATE TABLE addressbooks (
        name TEXT PRIMARY KEY, state TEXT NOT NULL, message TEXT NOT NULL, last_success INTEGER,
        memo TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE books (
        id INTEGER PRIMARY KEY, addressbook TEXT NOT NULL, ref TEXT NOT NULL, name TEXT NOT NULL,
        version TEXT, token TEXT, reconciled INTEGER, UNIQUE (addressbook, ref)
    ) STRICT;
    CREATE TABLE cards (
        book INTEGER NOT NULL REFERENCES books ON DELETE CASCADE, href TEXT NOT NULL, etag TEXT,
        body TEXT NOT NULL,
        PRIMARY KEY (book, href)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE broken_cards (
        book INTEGER NOT NULL REFERENCES books ON DELETE CASCADE, uid TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (book, uid)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE identities (uid TEXT PRIMARY KEY, contact TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
    # What was entered by hand, and what stood there before: for taking it back.
    """
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY, contact TEXT NOT NULL, word TEXT NOT NULL, at INTEGER NOT NULL,
        before TEXT NOT NULL
    ) STRICT;
    """,
    # Texts are compressed, in a table that keeps long rows together; what several occurrences have
    # in common is kept once for all of them, and a group is a number. `packed` and `may_name_ours`
    # are functions of ours (see `ledger._migrate`).
    """
    CREATE TABLE new_resources (
        calendar INTEGER NOT NULL REFERENCES calendars ON DELETE CASCADE, href TEXT NOT NULL,
        etag TEXT, grp TEXT NOT NULL, text ANY NOT NULL, signature TEXT, parts INTEGER,
        may_name_ours INTEGER NOT NULL, UNIQUE (calendar, href)
    ) STRICT;
    INSERT INTO new_resources
        SELECT calendar, href, etag, grp, packed(text), signature, parts, may_name_ours(href, text)
        FROM resources;
    DROP TABLE resources;
    ALTER TABLE new_resources RENAME TO resources;
    CREATE INDEX resources_by_group ON resources (calendar, grp);
    CREATE INDEX resources_of_ours ON resources (calendar, href) WHERE may_name_ours;

    CREATE TABLE new_groups (
        id INTEGER PRIMARY KEY, calendar INTEGER NOT NULL REFERENCES calendars ON DELETE CASCADE,
        grp TEXT NOT NULL, recurring INTEGER NOT NULL, appeared INTEGER NOT NULL DEFAULT 0,
        UNIQUE (calendar, grp)
    ) STRICT;
    INSERT INTO new_groups (calendar, grp, recurring, appeared)
        SELECT calendar, grp, recurring, appeared FROM groups;
    CREATE TABLE bodies (
        id INTEGER PRIMARY KEY, grp INTEGER NOT NULL REFERENCES new_groups ON DELETE CASCADE,
        uid TEXT NOT NULL, content ANY NOT NULL
    ) STRICT;
    CREATE INDEX bodies_by_group ON bodies (grp);
    CREATE TABLE new_occurrences (
        body INTEGER NOT NULL REFERENCES bodies ON DELETE CASCADE, number INTEGER NOT NULL,
        starts INTEGER NOT NULL, ends INTEGER NOT NULL, original INTEGER,
        PRIMARY KEY (body, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE parted AS
        SELECT g.id AS grp, o.uid, o.starts, o.ends,
            CAST(strftime('%s', json_extract(o.body, '$.original_start')) AS INTEGER) AS original,
            json_remove(o.body, '$.start', '$.end', '$.original_start') AS content
        FROM occurrences o JOIN new_groups g USING (calendar, grp);
    INSERT INTO bodies (grp, uid, content)
        SELECT grp, uid, content FROM parted GROUP BY grp, uid, content;
    INSERT INTO new_occurrences
        SELECT b.id, row_number() OVER (PARTITION BY b.id ORDER BY starts, ends) - 1,
            starts, ends, original
        FROM parted p JOIN bodies b USING (grp, uid, content);
    UPDATE bodies SET content = packed(content);
    DROP TABLE parted;
    DROP TABLE occurrences;
    ALTER TABLE new_occurrences RENAME TO occurrences;
    CREATE INDEX occurrences_by_start ON occurrences (starts);
    CREATE INDEX occurrences_by_end ON occurrences (ends);
    CREATE INDEX bodies_by_uid ON bodies (uid, grp);

    CREATE TABLE new_problems (
        grp INTEGER NOT NULL REFERENCES new_groups ON DELETE CASCADE, uid TEXT NOT NULL,
        reason TEXT NOT NULL, starts INTEGER, ends INTEGER
    ) STRICT;
    INSERT INTO new_problems
        SELECT g.id, uid, reason, starts, ends
        FROM problems p JOIN new_groups g USING (calendar, grp);
    DROP TABLE problems;
    ALTER TABLE new_problems RENAME TO problems;
    CREATE INDEX problems_by_group ON problems (grp);
    DROP TABLE groups;
    ALTER TABLE new_groups RENAME TO groups;
    """,
    # What everybody's standing follows from is told by indexes alone: which meetings were a
    # contact's first and last, what is booked, and whose birthday a calendar knows.
    """
    ALTER TABLE bodies ADD COLUMN birthday INTEGER NOT NULL DEFAULT 0;
    UPDATE bodies SET birthday = 1 WHERE instr(unpacked(content), '"birthday_of":');
    CREATE INDEX bodies_of_birthdays ON bodies (id) WHERE birthday;
    CREATE TABLE new_counted (
        contact TEXT NOT NULL, uid TEXT NOT NULL, starts INTEGER NOT NULL, ends INTEGER NOT NULL,
        rule TEXT NOT NULL, reason TEXT NOT NULL, body ANY NOT NULL,
        PRIMARY KEY (contact, uid, starts)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO new_counted
        SELECT contact, uid, starts, ends, rule, reason, packed(body) FROM counted;
    DROP TABLE counted;
    ALTER TABLE new_counted RENAME TO counted;
    CREATE INDEX counted_by_end ON counted (contact, ends, starts, rule);
    CREATE TABLE dates_ahead (
        contact TEXT NOT NULL, starts INTEGER NOT NULL, ends INTEGER NOT NULL, uid TEXT NOT NULL,
        PRIMARY KEY (contact, starts)
    ) STRICT, WITHOUT ROWID;
    """,
)
"""Scripts from one `user_version` to the next. Never edited once released; only appended to."""
