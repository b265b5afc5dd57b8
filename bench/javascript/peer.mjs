// A first read as one would write it with the JavaScript libraries that there are: tsdav fetches,
// ical.js parses and expands, better-sqlite3 keeps a row for each occurrence. Run by `bench.peers`.
//
//     node peer.mjs URL USER PASSWORD DATABASE FROM TO

import Database from "better-sqlite3";
import ICAL from "ical.js";
import { DAVClient } from "tsdav";

const [url, username, password, database, from, to] = process.argv.slice(2);
const since = Number(from);
const until = Number(to);

function* rows(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  for (const component of calendar.getAllSubcomponents("vevent")) {
    const event = new ICAL.Event(component);
    if (event.isRecurrenceException()) continue; // ical.js brings it with its series
    if (!event.isRecurring()) {
      yield* row(event.uid, event.startDate, event.endDate, event.summary);
      continue;
    }
    const starts = event.iterator();
    for (let start = starts.next(); start && start.toUnixTime() < until; start = starts.next()) {
      const one = event.getOccurrenceDetails(start);
      yield* row(event.uid, one.startDate, one.endDate, one.item.summary);
    }
  }
}

function* row(uid, start, end, title) {
  const starts = start.toUnixTime();
  if (since <= starts && starts < until) yield [uid, starts, end.toUnixTime(), title];
}

const client = new DAVClient({
  serverUrl: url,
  credentials: { username, password },
  authMethod: "Basic",
  defaultAccountType: "caldav",
});
client.authHeaders = { authorization: `Basic ${btoa(`${username}:${password}`)}` };
const objects = await client.fetchCalendarObjects({ calendar: { url } });
const kept = new Database(database);
kept.pragma("journal_mode = WAL");
kept.exec("CREATE TABLE rows (uid TEXT, starts INTEGER, ends INTEGER, title TEXT)");
const insert = kept.prepare("INSERT INTO rows VALUES (?, ?, ?, ?)");
kept.transaction(() => {
  for (const object of objects) for (const one of rows(object.data)) insert.run(one);
})();
kept.close();
