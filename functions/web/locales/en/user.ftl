# The way to Google and back, and the user's own page.

authorize-title = Link your Google account
authorize-lead = { $crm } wants to keep your meetings and calls in step with your Google Calendar.
authorize-user = CRM user
authorize-user-id = user { $id }
authorize-user-by-mail = found by the e-mail address of the Google account that you sign in with
authorize-account = Google account
authorize-account-next = the one that you choose on the next page
authorize-access = Access
authorize-access-mail = your e-mail address
authorize-access-events = the events of your calendars, to read and write
authorize-access-list = the list of your calendars, to choose from
authorize-access-tasks = your tasks, to read and write
authorize-access-contacts = your contacts, to read and write
authorize-is-it-you = Is this you?
authorize-only-you = Go on only if the CRM user above is yours: whoever uses it will see your calendar.
authorize-go = Continue to Google
authorize-promise = Guests of your events are not mailed. You can change what is synced, switch it off or disconnect at any time.

me-title = Your sync
me-heading = Sync of { $name }
status = Status
settings = Settings
history = History
journal = Journal
disconnect = Disconnect

standing-active = Your CRM and { $email } are kept in step.
standing-new = Your CRM and { $email } are linked. The first sync has not finished yet.
standing-running = A sync is under way.
standing-disabled = Sync is switched off. Nothing is read or written until you switch it on.
standing-disabled-new = Sync is not switched on yet. Look at what it would do first, if you like.
standing-needs_authorization = Google has ended the access, so nothing is synced. Your data is untouched; authorise again and it goes on where it stopped.
standing-held = Deletions are waiting for your word; everything else is kept in step.
standing-own-calendar = Google needs your permission before the sync can make a calendar of its own.
standing-allow = Allow it at Google
in-step = In step
pairs = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
parked = { $count ->
    [one] { $count } waiting with a problem
   *[other] { $count } waiting with a problem
}
working = A sync is under way
working-for = { $count ->
    [one] Working for { $count } second
   *[other] Working for { $count } seconds
}
authorize-again = Authorise again
switch-on = Switch sync on
switch-off = Switch sync off
preview = Preview

held-title = Waiting for your word
held-since = Since { $since } a sync wants to delete more than usual:
held-crm = { $count ->
    [one] { $count } record in the CRM
   *[other] { $count } records in the CRM
}
held-google = { $count ->
    [one] { $count } event in Google
   *[other] { $count } events in Google
}
held-why = Their counterparts on the other side are gone. Nothing is deleted until you say so.
held-examples = Among them:
held-confirm = Delete them
held-otherwise = If they shall stay, put the deleted ones back on the other side.
look-at-it = Open
problems = Problems
problems-lead = These did not go through. Everything else did; each is tried again by itself.
tried = { $count ->
    [one] tried { $count } time
   *[other] tried { $count } times
}
next-try = next try: { $when }
more-problems = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
no-run-yet = Nothing has been synced yet.
nothing-to-do = Nothing to do: both sides agreed.
journal-lead = What a sync replaced or deleted in the last 30 days. Putting a value back is an ordinary change that the next sync carries over.
journal-empty = Nothing was replaced or deleted.
lost-field-crm = Replaced in the CRM, { $field }:
lost-field-google = Replaced in Google, { $field }:
lost-record-crm = Deleted in the CRM:
lost-record-google = Deleted in Google:
field-title = title
field-description = description
field-location = place
field-when = time
field-private = private
field-notes = notes
field-due = due date
field-status = status
field-prefix = title
field-given_name = first name
field-middle_name = middle name
field-family_name = last name
field-suffix = suffix
field-email_work = work e-mail
field-email_home = home e-mail
field-email_other = other e-mail
field-phone_mobile = mobile phone
field-phone_work = work phone
field-phone_home = home phone
field-phone_other = other phone
field-phone_fax = fax
field-address_work = work address
field-address_home = home address
field-address_other = other address
field-organization = company
field-department = department
field-job_title = job title
field-birthday = birthday
field-website = website
field-website_other = other website
field-labelled = label
restore = Put back
restored = Put back
older = Older entries
disconnect-lead = Ends the access to { $email } and forgets which records belong together. Meetings and events stay as they are on both sides.

preview-title = What the next sync would do
preview-lead = Nothing has been written.
preview-counts = In all
preview-where = Where
preview-new = New
preview-changed = Changed
preview-deleted = Deleted
preview-paired = { $count ->
    [0] Nothing was found that is on both sides already.
    [one] { $count } entry was found to be on both sides already.
   *[other] { $count } entries were found to be on both sides already.
}
preview-held = So many deletions would wait for your word.
preview-examples = Examples
planned-create = Create, { $side }
planned-update = Change, { $side }
planned-delete = Delete, { $side }
planned-pair = On both sides already
back-to-sync = Back to your sync
