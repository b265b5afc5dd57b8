/* How little a first read can cost: libcurl fetches a calendar in one answer, expat takes the texts out of it as it arrives,
 * libical expands them, SQLite keeps a row for each occurrence. Nothing is judged, checked, limited or made inert, and
 * nothing is kept for the next time, so this is a floor and no program to use.
 *
 *     limit URL USER PASSWORD DATABASE FROM TO        (seconds since 1970; rows that start in FROM <= t < TO)
 */
#include <curl/curl.h>
#include <expat.h>
#include <libical/ical.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char ASKED[] =
    "<?xml version=\"1.0\"?><C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>"
    "<C:calendar-data/></prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"/></C:comp-filter>"
    "</C:filter></C:calendar-query>";

static sqlite3_stmt *insert;
static time_t from, to;
static int inside;     /* calendar-data */
static char *text;     /* of the object that arrives */
static size_t length, room;

static void fail(const char *what)
{
    fprintf(stderr, "limit: %s\n", what);
    exit(1);
}

static void keep(const char *uid, const char *title, time_t start, time_t end)
{
    if (start < from || start >= to)
        return;
    sqlite3_bind_text(insert, 1, uid, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, start);
    sqlite3_bind_int64(insert, 3, end);
    sqlite3_bind_text(insert, 4, title, -1, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE)
        fail("a row could not be kept");
    sqlite3_reset(insert);
}

static void occurrence(icalcomponent *event, struct icaltime_span *span, void *unused)
{
    const char *title = icalcomponent_get_summary(event);
    (void)unused;
    keep(icalcomponent_get_uid(event), title ? title : "", span->start, span->end);
}

/* Zones are taken from libical by their names: their definitions, one in each object, would be most of the work. */
static void without_zones(void)
{
    static const char begin[] = "BEGIN:VTIMEZONE", end[] = "END:VTIMEZONE";
    char *zone, *rest;
    while ((zone = strstr(text, begin)) && (rest = strstr(zone, end)))
        memmove(zone, rest + sizeof end - 1, strlen(rest + sizeof end - 1) + 1);
}

static void object(void)
{
    icalcomponent *calendar, *event;
    /* libical leaves out what only touches the window's edges. */
    struct icaltimetype start = icaltime_from_timet_with_zone(from - 86400, 0, icaltimezone_get_utc_timezone());
    struct icaltimetype end = icaltime_from_timet_with_zone(to + 86400, 0, icaltimezone_get_utc_timezone());
    without_zones();
    if (!(calendar = icalparser_parse_string(text)))
        fail("an object could not be parsed");
    for (event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
        icalcomponent_foreach_recurrence(event, start, end, occurrence, NULL);
    icalcomponent_free(calendar);
}

static void XMLCALL opened(void *unused, const XML_Char *name, const XML_Char **attributes)
{
    (void)unused, (void)attributes;
    if (strcmp(name, "urn:ietf:params:xml:ns:caldav calendar-data") == 0)
        inside = 1, length = 0;
}

static void XMLCALL characters(void *unused, const XML_Char *piece, int count)
{
    (void)unused;
    if (!inside)
        return;
    if (length + count + 1 > room && !(text = realloc(text, room = 2 * (length + count + 1))))
        fail("no memory");
    memcpy(text + length, piece, count);
    text[length += count] = 0;
}

static void XMLCALL closed(void *unused, const XML_Char *name)
{
    (void)unused, (void)name;
    if (inside)
        object();
    inside = 0;
}

static size_t arrived(char *piece, size_t size, size_t count, void *parser)
{
    if (XML_Parse(parser, piece, (int)(size * count), 0) != XML_STATUS_OK)
        fail("the answer is no XML");
    return size * count;
}

int main(int count, char **words)
{
    sqlite3 *database;
    CURL *curl = curl_easy_init();
    XML_Parser parser = XML_ParserCreateNS("UTF-8", ' ');
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/xml");
    long status = 0;
    if (count != 7)
        fail("URL USER PASSWORD DATABASE FROM TO");
    from = atoll(words[5]), to = atoll(words[6]);
    if (sqlite3_open(words[4], &database) != SQLITE_OK ||
        sqlite3_exec(database,
                     "PRAGMA journal_mode=WAL; CREATE TABLE rows (uid TEXT, starts INTEGER, ends INTEGER, title TEXT); BEGIN",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database, "INSERT INTO rows VALUES (?, ?, ?, ?)", -1, &insert, NULL) != SQLITE_OK)
        fail("the database cannot be used");
    XML_SetElementHandler(parser, opened, closed);
    XML_SetCharacterDataHandler(parser, characters);
    headers = curl_slist_append(headers, "Depth: 1");
    curl_easy_setopt(curl, CURLOPT_URL, words[1]);
    curl_easy_setopt(curl, CURLOPT_USERNAME, words[2]);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, words[3]);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "REPORT");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ASKED);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, arrived);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, parser);
    if (curl_easy_perform(curl) != CURLE_OK)
        fail("the server does not answer");
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 207 || XML_Parse(parser, "", 0, 1) != XML_STATUS_OK)
        fail("the answer is no list of objects");
    if (sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        fail("the rows could not be kept");
    sqlite3_finalize(insert);
    sqlite3_close(database);
    return 0;
}
