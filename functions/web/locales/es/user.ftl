# El camino a Google y de vuelta, y la página del usuario.

authorize-title = Vincula tu cuenta de Google
authorize-lead = { $crm } quiere mantener tus reuniones y llamadas al día con tu Google Calendar.
authorize-user = Usuario del CRM
authorize-user-id = usuario { $id }
authorize-user-by-mail = se encuentra por la dirección de correo de la cuenta de Google con la que inicies sesión
authorize-account = Cuenta de Google
authorize-account-next = la que elijas en la página siguiente
authorize-access = Acceso
authorize-access-mail = a tu dirección de correo electrónico
authorize-access-events = a los eventos de tus calendarios, para leerlos y escribirlos
authorize-access-list = a la lista de tus calendarios, para poder elegir
authorize-access-tasks = a tus tareas, para leerlas y escribirlas
authorize-access-contacts = a tus contactos, para leerlos y escribirlos
authorize-is-it-you = ¿Eres tú?
authorize-only-you = Continúa solo si el usuario del CRM de arriba es el tuyo: quien lo utilice verá tu calendario.
authorize-go = Continuar en Google
authorize-promise = Los invitados a tus eventos no reciben correos. Puedes cambiar lo que se sincroniza, desactivarlo o desvincular la cuenta cuando quieras.

me-title = Tu sincronización
me-heading = Sincronización de { $name }
status = Estado
settings = Ajustes
history = Historial
journal = Diario
disconnect = Desvincular

standing-active = Tu CRM y { $email } están al día.
standing-new = Tu CRM y { $email } están vinculados. La primera sincronización aún no ha terminado.
standing-running = Hay una sincronización en curso.
standing-disabled = La sincronización está desactivada. No se lee ni se escribe nada hasta que la actives.
standing-disabled-new = La sincronización aún no está activada. Si quieres, mira antes lo que haría.
standing-needs_authorization = Google ha cerrado el acceso, así que no se sincroniza nada. Tus datos están intactos: vuelve a autorizar y continuará donde se quedó.
standing-held = Hay eliminaciones a la espera de tu confirmación; todo lo demás está al día.
standing-own-calendar = Para que la sincronización pueda crear un calendario propio hace falta tu permiso en Google.
standing-allow = Permitirlo en Google
in-step = Al día
pairs = { $count ->
    [one] { $count } elemento
   *[other] { $count } elementos
}
parked = { $count ->
    [one] { $count } en espera por un problema
   *[other] { $count } en espera por un problema
}
working = Hay una sincronización en curso
working-for = { $count ->
    [one] En curso desde hace { $count } segundo
   *[other] En curso desde hace { $count } segundos
}
authorize-again = Volver a autorizar
switch-on = Activar la sincronización
switch-off = Desactivar la sincronización
preview = Vista previa

held-title = A la espera de tu confirmación
held-since = Desde el { $since } una sincronización quiere eliminar más de lo habitual:
held-crm = { $count ->
    [one] { $count } elemento en el CRM
   *[other] { $count } elementos en el CRM
}
held-google = { $count ->
    [one] { $count } evento en Google
   *[other] { $count } eventos en Google
}
held-why = Sus equivalentes del otro lado han desaparecido. No se elimina nada hasta que tú lo digas.
held-examples = Entre ellos:
held-confirm = Eliminarlos
held-otherwise = Si deben quedarse, restaura en el otro lado los que se eliminaron.
look-at-it = Abrir
problems = Problemas
problems-lead = Estos elementos no pasaron; todos los demás sí. Cada uno se vuelve a intentar por sí solo.
tried = { $count ->
    [one] { $count } intento
   *[other] { $count } intentos
}
next-try = próximo intento: { $when }
more-problems = { $count ->
    [one] y { $count } más
   *[other] y { $count } más
}
no-run-yet = Todavía no se ha sincronizado nada.
nothing-to-do = Nada que hacer: ambos lados coincidían.
journal-lead = Lo que una sincronización sustituyó o eliminó en los últimos 30 días. Restaurar un valor es un cambio normal que la próxima sincronización lleva al otro lado.
journal-empty = No se ha sustituido ni eliminado nada.
lost-field-crm = Sustituido en el CRM, { $field }:
lost-field-google = Sustituido en Google, { $field }:
lost-record-crm = Eliminado en el CRM:
lost-record-google = Eliminado en Google:
field-title = título
field-description = descripción
field-location = lugar
field-when = fecha y hora
field-private = privado
field-notes = notas
field-due = fecha límite
field-status = estado
field-prefix = tratamiento
field-given_name = nombre
field-middle_name = segundo nombre
field-family_name = apellidos
field-suffix = sufijo
field-email_work = correo del trabajo
field-email_home = correo personal
field-email_other = otro correo
field-phone_mobile = móvil
field-phone_work = teléfono del trabajo
field-phone_home = teléfono de casa
field-phone_other = otro teléfono
field-phone_fax = fax
field-address_work = dirección del trabajo
field-address_home = dirección de casa
field-address_other = otra dirección
field-organization = empresa
field-department = departamento
field-job_title = cargo
field-birthday = cumpleaños
field-website = sitio web
field-website_other = otro sitio web
field-labelled = etiqueta
restore = Restaurar
restored = Restaurado
older = Entradas anteriores
disconnect-lead = Cierra el acceso a { $email } y olvida qué elementos se corresponden. Las reuniones y los eventos quedan como están en ambos lados.

preview-title = Lo que haría la próxima sincronización
preview-lead = No se ha escrito nada.
preview-counts = En total
preview-where = Dónde
preview-new = Nuevos
preview-changed = Cambiados
preview-deleted = Eliminados
preview-paired = { $count ->
    [0] No hay nada que ya esté en ambos lados.
    [one] { $count } elemento ya está en ambos lados.
   *[other] { $count } elementos ya están en ambos lados.
}
preview-held = Tantas eliminaciones esperarían tu confirmación.
preview-examples = Ejemplos
planned-create = Crear, { $side }
planned-update = Cambiar, { $side }
planned-delete = Eliminar, { $side }
planned-pair = Ya en ambos lados
back-to-sync = Volver a tu sincronización
