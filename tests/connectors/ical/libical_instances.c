/* When the events of calendars take place, as libical expands them: for each VEVENT its number and, line by line, its UID,
 * the instance that it replaces, the start and end of its instances that overlap a window; or that libical gave up. Each is
 * expanded by a process of its own, since libical does not come back from some rules.
 *
 *     libical_instances FROM TO < calendars      (seconds since 1970)
 */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct rlimit patience = {1, 1}; /* seconds of processor time */
static int number;

static void instance(icalcomponent *event, struct icaltime_span *span, void *unused)
{
    (void)event, (void)unused;
    printf("%d instance %lld %lld\n", number, (long long)span->start, (long long)span->end);
}

static void expand(icalcomponent *event, struct icaltimetype from, struct icaltimetype to)
{
    icalproperty *property = icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY);
    const char *uid = icalcomponent_get_uid(event);
    int status = 0;
    printf("%d uid %s\n", ++number, uid ? uid : "");
    if (property) {
        struct icaltimetype replaced = icalproperty_get_datetime_with_component(property, event);
        printf("%d replaces %lld\n", number,
               (long long)icaltime_as_timet_with_zone(replaced, icaltime_get_timezone(replaced)));
    }
    fflush(stdout);
    if (fork() == 0) {
        setrlimit(RLIMIT_CPU, &patience);
        icalcomponent_foreach_recurrence(event, from, to, instance, NULL);
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    if (status != 0)
        printf("%d gave-up\n", number);
}

int main(int count, char **words)
{
    size_t room = 1 << 20, length = 0, got;
    char *text = malloc(room);
    icalcomponent *root, *calendar, *event;
    struct icaltimetype from, to;
    if (count != 3 || !text)
        return 2;
    while ((got = fread(text + length, 1, room - length - 1, stdin)) > 0)
        if ((length += got) + 1 >= room && !(text = realloc(text, room *= 2)))
            return 2;
    text[length] = 0;
    icalerror_set_errors_are_fatal(0);
    from = icaltime_from_timet_with_zone(atoll(words[1]), 0, icaltimezone_get_utc_timezone());
    to = icaltime_from_timet_with_zone(atoll(words[2]), 0, icaltimezone_get_utc_timezone());
    if (!(root = icalparser_parse_string(text)))
        return 1;
    calendar = icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT
                   ? root
                   : icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT);
    while (calendar) {
        for (event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
             event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
            expand(event, from, to);
        calendar = calendar == root ? NULL : icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT);
    }
    return 0;
}
