# Путь в Google и обратно и страница пользователя.

authorize-title = Подключите свой аккаунт Google
authorize-lead = { $crm } хочет согласовывать ваши встречи и звонки с вашим Google Календарём.
authorize-user = Пользователь CRM
authorize-user-id = пользователь { $id }
authorize-user-by-mail = определяется по адресу электронной почты аккаунта Google, с которым вы войдёте
authorize-account = Аккаунт Google
authorize-account-next = тот, который вы выберете на следующей странице
authorize-access = Доступ
authorize-access-mail = к вашему адресу электронной почты
authorize-access-events = к событиям ваших календарей, на чтение и запись
authorize-access-list = к списку ваших календарей, чтобы из него выбирать
authorize-access-tasks = к вашим задачам, на чтение и запись
authorize-access-contacts = к вашим контактам, на чтение и запись
authorize-is-it-you = Это вы?
authorize-only-you = Продолжайте, только если указанный выше пользователь CRM — это вы: тот, кто под ним работает, увидит ваш календарь.
authorize-go = Продолжить в Google
authorize-promise = Гости ваших событий не получают писем. Вы в любой момент можете изменить настройки, выключить синхронизацию или отключить аккаунт.

me-title = Ваша синхронизация
me-heading = Синхронизация: { $name }
status = Состояние
settings = Настройки
history = История
journal = Журнал
disconnect = Отключение

standing-active = Ваша CRM и { $email } согласованы.
standing-new = Ваша CRM и { $email } подключены. Первая синхронизация ещё не закончилась.
standing-running = Идёт синхронизация.
standing-disabled = Синхронизация выключена. Пока вы её не включите, ничего не читается и не записывается.
standing-disabled-new = Синхронизация ещё не включена. При желании сначала посмотрите, что она сделает.
standing-needs_authorization = Google закрыл доступ, поэтому ничего не синхронизируется. Ваши данные не тронуты: дайте разрешение снова, и работа продолжится с того же места.
standing-held = Удаление ждёт вашего подтверждения; всё остальное согласовано.
standing-own-calendar = Чтобы синхронизация могла создать отдельный календарь, нужно ваше разрешение в Google.
standing-allow = Разрешить в Google
in-step = Согласовано
pairs = { $count ->
    [one] { $count } запись
    [few] { $count } записи
    [many] { $count } записей
   *[other] { $count } записи
}
parked = { $count ->
    [one] { $count } ждёт из-за ошибки
    [few] { $count } ждут из-за ошибки
    [many] { $count } ждут из-за ошибки
   *[other] { $count } ждут из-за ошибки
}
working = Идёт синхронизация
working-for = { $count ->
    [one] Идёт { $count } секунду
    [few] Идёт { $count } секунды
    [many] Идёт { $count } секунд
   *[other] Идёт { $count } секунды
}
authorize-again = Разрешить снова
switch-on = Включить синхронизацию
switch-off = Выключить синхронизацию
preview = Предпросмотр

held-title = Ждёт вашего подтверждения
held-since = С { $since } синхронизация хочет удалить больше, чем обычно:
held-crm = { $count ->
    [one] { $count } запись в CRM
    [few] { $count } записи в CRM
    [many] { $count } записей в CRM
   *[other] { $count } записи в CRM
}
held-google = { $count ->
    [one] { $count } событие в Google
    [few] { $count } события в Google
    [many] { $count } событий в Google
   *[other] { $count } события в Google
}
held-why = На другой стороне соответствующих записей больше нет. Ничего не удаляется, пока вы не подтвердите.
held-examples = Среди них:
held-confirm = Удалить их
held-otherwise = Если они должны остаться, верните удалённое на другой стороне.
look-at-it = Открыть
problems = Проблемы
problems-lead = Эти записи не прошли, все остальные прошли. Каждая будет повторена автоматически.
tried = { $count ->
    [one] { $count } попытка
    [few] { $count } попытки
    [many] { $count } попыток
   *[other] { $count } попытки
}
next-try = следующая попытка: { $when }
more-problems = { $count ->
    [one] и ещё { $count }
    [few] и ещё { $count }
    [many] и ещё { $count }
   *[other] и ещё { $count }
}
no-run-yet = Ещё ничего не синхронизировано.
nothing-to-do = Делать нечего: обе стороны совпадали.
journal-lead = То, что синхронизация заменила или удалила за последние 30 дней. Возврат значения — обычное изменение, которое перенесёт следующая синхронизация.
journal-empty = Ничего не заменено и не удалено.
lost-field-crm = Заменено в CRM, { $field }:
lost-field-google = Заменено в Google, { $field }:
lost-record-crm = Удалено в CRM:
lost-record-google = Удалено в Google:
field-title = название
field-description = описание
field-location = место
field-when = дата и время
field-private = личное
field-notes = заметки
field-due = срок
field-status = состояние
field-prefix = обращение
field-given_name = имя
field-middle_name = отчество
field-family_name = фамилия
field-suffix = суффикс
field-email_work = рабочая почта
field-email_home = личная почта
field-email_other = другая почта
field-phone_mobile = мобильный телефон
field-phone_work = рабочий телефон
field-phone_home = домашний телефон
field-phone_other = другой телефон
field-phone_fax = факс
field-address_work = рабочий адрес
field-address_home = домашний адрес
field-address_other = другой адрес
field-organization = компания
field-department = отдел
field-job_title = должность
field-birthday = день рождения
field-website = сайт
field-website_other = другой сайт
field-labelled = ярлык
restore = Вернуть
restored = Возвращено
older = Более ранние записи
disconnect-lead = Закрывает доступ к { $email } и забывает, какие записи соответствуют друг другу. Встречи и события останутся как есть с обеих сторон.

preview-title = Что сделает следующая синхронизация
preview-lead = Ничего не записано.
preview-counts = Всего
preview-where = Где
preview-new = Новые
preview-changed = Изменённые
preview-deleted = Удалённые
preview-paired = { $count ->
    [0] Записей, которые уже есть с обеих сторон, не найдено.
    [one] { $count } запись уже есть с обеих сторон.
    [few] { $count } записи уже есть с обеих сторон.
    [many] { $count } записей уже есть с обеих сторон.
   *[other] { $count } записи уже есть с обеих сторон.
}
preview-held = Столько удалений ждали бы вашего подтверждения.
preview-examples = Примеры
planned-create = Создать, { $side }
planned-update = Изменить, { $side }
planned-delete = Удалить, { $side }
planned-pair = Уже с обеих сторон
back-to-sync = Назад к вашей синхронизации
