# What every page may show.

product = CRM Google Sync
skip = Skip to content
languages = Language
on-this-page = On this page
back = Back
sign-out = Sign out
sign-in = Sign in
remove = Remove
copy = Copy
copied = Copied
yes = yes
no = no

side-crm = CRM
side-google = Google
kind-event = Meetings and calls
kind-task = Tasks
kind-contact = Contacts

# Times

month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
date = { $day } { $month } { $year }
moment = { $date }, { $time }
moment-utc = { $date }, { $time } UTC
due-now = any moment now
due-in = { $count ->
    [one] in { $count } minute
   *[other] in { $count } minutes
}

# How things stand

state-active = On
state-disabled = Off
state-needs_authorization = Access ended
state-held = Waiting for a decision
outcome-ok = Done
outcome-partial = Done in part
outcome-held = Waiting for a decision
outcome-needs_authorization = Access ended
outcome-failed = Failed
outcome-skipped = Skipped
last-run = Last sync
next-run = Next sync
none-yet = none yet
no-next-run = none planned
sync-now = Sync now
disconnect-open = Disconnect…
disconnect-now = Disconnect now

# What a run did

trigger-schedule = on schedule
trigger-manual = by hand
trigger-google = Google reported a change
trigger-crm = the CRM reported a change
trigger-continuation = went on where the one before stopped
did-in-crm = { $what } in the CRM
did-in-google = { $what } in Google
did-created = { $count ->
    [one] { $count } created
   *[other] { $count } created
}
did-updated = { $count ->
    [one] { $count } changed
   *[other] { $count } changed
}
did-deleted = { $count ->
    [one] { $count } deleted
   *[other] { $count } deleted
}
did-paired = { $count ->
    [one] { $count } found on both sides
   *[other] { $count } found on both sides
}
did-conflicts = { $count ->
    [one] { $count } value changed on both sides
   *[other] { $count } values changed on both sides
}
reason-leased = Another sync of this user was under way.
reason-disabled = Sync is switched off.
reason-unknown = This user is not linked any more.
reason-out_of_time = There was more to do than fits into one run; the next one goes on at once.
reason-too_many_deletions = More records would have been deleted than usual, so the deletions wait for a decision.
reason-never_authorized = Access to Google has not been granted yet.
reason-invalid_grant = The access was withdrawn, the password was changed, or the app is still in testing at Google, where access ends after seven days.
reason-no_refresh_token = There is no authorisation for Google.
reason-token_refused = Google no longer accepts the access.
reason-missing_scope = A permission that the sync needs was not granted or was withdrawn.
reason-other = It ended for a reason that the log of this installation names.
reason-at-crm = The CRM: { $message }
reason-at-google = Google: { $message }

# Settings, for a user and for a CRM's new users

group-when = When
group-events = Meetings and calls
group-calendars = Google calendars
group-private = Private events and guests
group-hours = Hours
group-tasks = Tasks
group-contacts = Contacts
label-enabled = Sync is on as soon as the user has authorised
label-interval_minutes = Minutes between two syncs
label-settings-interval_minutes = Minutes between two syncs
label-start_from = Leave alone what is before
start-hint = Empty: 30 days before the day on which a user is linked.
label-events-enabled = Keep meetings and calls in step with Google Calendar
meetings = Meetings
calls = Calls
label-events-record_types = Meetings and calls
label-events-direction = Direction
direction-both = Both ways
direction-crm_to_google = From the CRM to Google only
direction-google_to_crm = From Google to the CRM only
label-events-conflict_winner = If the same thing was changed on both sides, keep
winner-newest = the latest change
winner-crm = the CRM’s value
winner-google = Google’s value
winner-hint = The other value stays in the journal for 30 days.
label-events-deletions = If something is deleted on one side
deletions-propagate = delete it on the other side too
deletions-keep = keep it on the other side
deletions-hint = Unusually many deletions always wait for your word.
label-events-description = Write descriptions as
description-text = plain text
description-html = HTML
label-events-calendars = Calendars to keep in step
label-calendars-typed = Calendars to keep in step, one a line
calendars-unlisted = Google did not list the calendars just now, so they are shown by their IDs.
calendars-hint = “primary” is your own calendar. Others go by the calendar ID that Google Calendar’s settings show.
calendar-own = (your own)
calendar-gone = (not in Google’s list any more)
calendar-dedicated = A calendar of its own
label-events-target_calendar = Calendar that receives what the CRM creates
label-events-private = Private events
private-both = are kept in step like all others
private-to_google = go from the CRM to Google only
private-to_crm = go from Google to the CRM only
private-none = are never copied
label-events-private_as_busy = Copy private events as “Busy”, without details
label-events-notify_guests = Let Google mail guests about changes made in the CRM
label-events-hours = Only what starts within these hours
days = Days
label-events-hours-days = Days
label-events-hours-from = From
label-events-hours-to = To
label-events-hours-time_zone = Time zone
day-mon = Monday
day-tue = Tuesday
day-wed = Wednesday
day-thu = Thursday
day-fri = Friday
day-sat = Saturday
day-sun = Sunday
label-tasks-enabled = Keep tasks in step with Google Tasks
label-tasks-direction = Direction of tasks
label-tasks-conflict_winner = If the same task was changed on both sides, keep
label-tasks-deletions = If a task is deleted on one side
label-tasks-list = Google task list
tasks-list-hint = “@default” is your first list.
contacts-label-hint = One that is not there yet is made as soon as a contact is put under it.
label-contacts-enabled = Keep contacts in step with Google Contacts
label-contacts-direction = Direction of contacts
label-contacts-conflict_winner = If the same contact was changed on both sides, keep
label-contacts-deletions = If a contact is deleted on one side
label-contacts-scope = Which contacts
contacts-tagged = those with the tag or label below
contacts-all = all of mine
label-contacts-tags = Tags in the CRM, separated by commas
label-contacts-label = Label in Google Contacts
save-settings = Save settings
nothing-saved = Nothing was saved:
