# То, что может показать любая страница.

product = CRM Google Sync
skip = Перейти к содержанию
languages = Язык
on-this-page = На этой странице
back = Назад
sign-out = Выйти
sign-in = Войти
remove = Удалить
copy = Копировать
copied = Скопировано
yes = да
no = нет

side-crm = CRM
side-google = Google
kind-event = Встречи и звонки
kind-task = Задачи
kind-contact = Контакты

# Дата и время

month-1 = янв.
month-2 = февр.
month-3 = марта
month-4 = апр.
month-5 = мая
month-6 = июня
month-7 = июля
month-8 = авг.
month-9 = сент.
month-10 = окт.
month-11 = нояб.
month-12 = дек.
date = { $day } { $month } { $year }
moment = { $date }, { $time }
moment-utc = { $date }, { $time } UTC
due-now = с минуты на минуту
due-in = { $count ->
    [one] через { $count } минуту
    [few] через { $count } минуты
    [many] через { $count } минут
   *[other] через { $count } минуты
}

# Состояние

state-active = Включена
state-disabled = Выключена
state-needs_authorization = Доступ закрыт
state-held = Ждёт решения
outcome-ok = Выполнена
outcome-partial = Выполнена частично
outcome-held = Ждёт решения
outcome-needs_authorization = Доступ закрыт
outcome-failed = Не удалась
outcome-skipped = Пропущена
last-run = Последняя синхронизация
next-run = Следующая синхронизация
none-yet = ещё не было
no-next-run = не запланирована
sync-now = Синхронизировать
disconnect-open = Отключить…
disconnect-now = Отключить сейчас

# Что сделала синхронизация

trigger-schedule = по расписанию
trigger-manual = вручную
trigger-google = Google сообщил об изменении
trigger-crm = CRM сообщила об изменении
trigger-continuation = продолжила с того места, где остановилась предыдущая
did-in-crm = в CRM { $what }
did-in-google = в Google { $what }
did-created = { $count ->
    [one] создана { $count } запись
    [few] создано { $count } записи
    [many] создано { $count } записей
   *[other] создано { $count } записи
}
did-updated = { $count ->
    [one] изменена { $count } запись
    [few] изменено { $count } записи
    [many] изменено { $count } записей
   *[other] изменено { $count } записи
}
did-deleted = { $count ->
    [one] удалена { $count } запись
    [few] удалено { $count } записи
    [many] удалено { $count } записей
   *[other] удалено { $count } записи
}
did-paired = { $count ->
    [one] { $count } запись уже была с обеих сторон
    [few] { $count } записи уже были с обеих сторон
    [many] { $count } записей уже были с обеих сторон
   *[other] { $count } записи уже были с обеих сторон
}
did-conflicts = { $count ->
    [one] { $count } значение изменено с обеих сторон
    [few] { $count } значения изменены с обеих сторон
    [many] { $count } значений изменены с обеих сторон
   *[other] { $count } значения изменены с обеих сторон
}
reason-leased = Уже шла другая синхронизация этого пользователя.
reason-disabled = Синхронизация выключена.
reason-unknown = Этот пользователь больше не подключён.
reason-out_of_time = Работы было больше, чем помещается в один запуск; следующий продолжит сразу.
reason-too_many_deletions = Было бы удалено больше записей, чем обычно, поэтому удаление ждёт решения.
reason-never_authorized = Доступ к Google ещё не предоставлен.
reason-invalid_grant = Доступ отозван, пароль изменён или приложение в Google всё ещё в режиме тестирования, где доступ заканчивается через семь дней.
reason-no_refresh_token = Нет разрешения на доступ к Google.
reason-token_refused = Google больше не принимает доступ.
reason-missing_scope = Разрешение, нужное для синхронизации, не было дано или было отозвано.
reason-other = Причина указана в журнале этой установки.
reason-at-crm = CRM: { $message }
reason-at-google = Google: { $message }

# Настройки пользователя и новых пользователей CRM

group-when = Когда
group-events = Встречи и звонки
group-calendars = Календари Google
group-private = Личные события и гости
group-hours = Часы
group-tasks = Задачи
group-contacts = Контакты
label-enabled = Синхронизация включается, как только пользователь дал разрешение
label-interval_minutes = Минут между синхронизациями
label-settings-interval_minutes = Минут между синхронизациями
label-start_from = Не трогать то, что раньше
start-hint = Пусто: за 30 дней до дня подключения пользователя.
label-events-enabled = Согласовывать встречи и звонки с Google Календарём
meetings = Встречи
calls = Звонки
label-events-record_types = Встречи и звонки
label-events-direction = Направление
direction-both = В обе стороны
direction-crm_to_google = Только из CRM в Google
direction-google_to_crm = Только из Google в CRM
label-events-conflict_winner = Если одно и то же изменено с обеих сторон, оставить
winner-newest = последнее изменение
winner-crm = значение из CRM
winner-google = значение из Google
winner-hint = Другое значение хранится в журнале 30 дней.
label-events-deletions = Если что-то удалено с одной стороны
deletions-propagate = удалить и с другой
deletions-keep = оставить на другой
deletions-hint = Если удалений необычно много, они всегда ждут вашего подтверждения.
label-events-description = Записывать описания как
description-text = простой текст
description-html = HTML
label-events-calendars = Какие календари согласовывать
label-calendars-typed = Какие календари согласовывать, по одному в строке
calendars-unlisted = Google сейчас не сообщил список календарей, поэтому они показаны по идентификаторам.
calendars-hint = «primary» — ваш собственный календарь. Остальные обозначаются идентификатором из настроек Google Календаря.
calendar-own = (ваш собственный)
calendar-gone = (больше нет в списке Google)
calendar-dedicated = Отдельный календарь для синхронизации
label-events-target_calendar = Календарь для того, что создаёт CRM
label-events-private = Личные события
private-both = согласуются, как и все остальные
private-to_google = переходят только из CRM в Google
private-to_crm = переходят только из Google в CRM
private-none = никогда не копируются
label-events-private_as_busy = Копировать личные события как «Занят», без подробностей
label-events-notify_guests = Разрешить Google сообщать гостям по почте об изменениях, сделанных в CRM
label-events-hours = Только то, что начинается в эти часы
days = Дни
label-events-hours-days = Дни
label-events-hours-from = С
label-events-hours-to = До
label-events-hours-time_zone = Часовой пояс
day-mon = понедельник
day-tue = вторник
day-wed = среда
day-thu = четверг
day-fri = пятница
day-sat = суббота
day-sun = воскресенье
label-tasks-enabled = Согласовывать задачи с Google Задачами
label-tasks-direction = Направление для задач
label-tasks-conflict_winner = Если одна и та же задача изменена с обеих сторон, оставить
label-tasks-deletions = Если задача удалена с одной стороны
label-tasks-list = Список Google Задач
tasks-list-hint = «@default» — ваш первый список.
contacts-label-hint = Если такого ещё нет, он будет создан, как только понадобится присвоить его контакту.
label-contacts-enabled = Согласовывать контакты с Google Контактами
label-contacts-direction = Направление для контактов
label-contacts-conflict_winner = Если один и тот же контакт изменён с обеих сторон, оставить
label-contacts-deletions = Если контакт удалён с одной стороны
label-contacts-scope = Какие контакты
contacts-tagged = с указанным ниже тегом или ярлыком
contacts-all = все мои
label-contacts-tags = Теги в CRM, через запятую
label-contacts-label = Ярлык в Google Контактах
save-settings = Сохранить настройки
nothing-saved = Ничего не сохранено:
