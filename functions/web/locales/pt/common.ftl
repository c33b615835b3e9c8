# O que qualquer página pode mostrar.

product = CRM Google Sync
skip = Ir para o conteúdo
languages = Idioma
on-this-page = Nesta página
back = Voltar
sign-out = Sair
sign-in = Entrar
remove = Remover
copy = Copiar
copied = Copiado
yes = sim
no = não

side-crm = CRM
side-google = Google
kind-event = Reuniões e ligações
kind-task = Tarefas
kind-contact = Contatos

# Datas e horas

month-1 = jan.
month-2 = fev.
month-3 = mar.
month-4 = abr.
month-5 = maio
month-6 = jun.
month-7 = jul.
month-8 = ago.
month-9 = set.
month-10 = out.
month-11 = nov.
month-12 = dez.
date = { $day } de { $month } de { $year }
moment = { $date }, { $time }
moment-utc = { $date }, { $time } UTC
due-now = a qualquer momento
due-in = { $count ->
    [one] em { $count } minuto
   *[other] em { $count } minutos
}

# Situação

state-active = Ativada
state-disabled = Desativada
state-needs_authorization = Acesso encerrado
state-held = Aguardando uma decisão
outcome-ok = Concluída
outcome-partial = Concluída em parte
outcome-held = Aguardando uma decisão
outcome-needs_authorization = Acesso encerrado
outcome-failed = Falhou
outcome-skipped = Ignorada
last-run = Última sincronização
next-run = Próxima sincronização
none-yet = nenhuma ainda
no-next-run = nenhuma prevista
sync-now = Sincronizar agora
disconnect-open = Desvincular…
disconnect-now = Desvincular agora

# O que uma sincronização fez

trigger-schedule = pela programação
trigger-manual = manualmente
trigger-google = o Google informou uma alteração
trigger-crm = o CRM informou uma alteração
trigger-continuation = continuou de onde a anterior parou
did-in-crm = no CRM { $what }
did-in-google = no Google { $what }
did-created = { $count ->
    [one] { $count } criado
   *[other] { $count } criados
}
did-updated = { $count ->
    [one] { $count } alterado
   *[other] { $count } alterados
}
did-deleted = { $count ->
    [one] { $count } excluído
   *[other] { $count } excluídos
}
did-paired = { $count ->
    [one] { $count } já estava nos dois lados
   *[other] { $count } já estavam nos dois lados
}
did-conflicts = { $count ->
    [one] { $count } valor alterado nos dois lados
   *[other] { $count } valores alterados nos dois lados
}
reason-leased = Outra sincronização deste usuário já estava em andamento.
reason-disabled = A sincronização está desativada.
reason-unknown = Este usuário não está mais vinculado.
reason-out_of_time = Havia mais a fazer do que cabe em uma execução; a próxima continua em seguida.
reason-too_many_deletions = Seriam excluídos mais itens do que o normal, por isso as exclusões aguardam uma decisão.
reason-never_authorized = O acesso ao Google ainda não foi concedido.
reason-invalid_grant = O acesso foi retirado, a senha foi trocada ou o app ainda está em teste no Google, onde o acesso termina após sete dias.
reason-no_refresh_token = Não há autorização para o Google.
reason-token_refused = O Google não aceita mais o acesso.
reason-missing_scope = Uma permissão de que a sincronização precisa não foi concedida ou foi retirada.
reason-other = Terminou por um motivo que consta no log desta instalação.
reason-at-crm = O CRM: { $message }
reason-at-google = Google: { $message }

# Configurações, de um usuário e dos novos usuários de um CRM

group-when = Quando
group-events = Reuniões e ligações
group-calendars = Agendas do Google
group-private = Eventos particulares e convidados
group-hours = Horário
group-tasks = Tarefas
group-contacts = Contatos
label-enabled = A sincronização começa assim que o usuário autoriza
label-interval_minutes = Minutos entre duas sincronizações
label-settings-interval_minutes = Minutos entre duas sincronizações
label-start_from = Não mexer no que é anterior a
start-hint = Vazio: 30 dias antes do dia em que o usuário é vinculado.
label-events-enabled = Manter reuniões e ligações em dia com o Google Agenda
meetings = Reuniões
calls = Ligações
label-events-record_types = Reuniões e ligações
label-events-direction = Sentido
direction-both = Nos dois sentidos
direction-crm_to_google = Só do CRM para o Google
direction-google_to_crm = Só do Google para o CRM
label-events-conflict_winner = Se a mesma coisa foi alterada nos dois lados, manter
winner-newest = a alteração mais recente
winner-crm = o valor do CRM
winner-google = o valor do Google
winner-hint = O outro valor fica no diário por 30 dias.
label-events-deletions = Se algo é excluído em um lado
deletions-propagate = excluir também no outro
deletions-keep = manter no outro
deletions-hint = Exclusões em número fora do comum sempre aguardam a sua confirmação.
label-events-description = Escrever as descrições como
description-text = texto simples
description-html = HTML
label-events-calendars = Agendas a manter em dia
label-calendars-typed = Agendas a manter em dia, uma por linha
calendars-unlisted = O Google não informou a lista de agendas agora, por isso elas aparecem pelo ID.
calendars-hint = “primary” é a sua própria agenda. As outras são indicadas pelo ID da agenda, que aparece nas configurações do Google Agenda.
calendar-own = (a sua)
calendar-gone = (não está mais na lista do Google)
calendar-dedicated = Uma agenda própria da sincronização
label-events-target_calendar = Agenda que recebe o que o CRM cria
label-events-private = Eventos particulares
private-both = são sincronizados como todos os outros
private-to_google = vão só do CRM para o Google
private-to_crm = vão só do Google para o CRM
private-none = nunca são copiados
label-events-private_as_busy = Copiar eventos particulares como “Ocupado”, sem detalhes
label-events-notify_guests = Deixar o Google avisar os convidados por e-mail sobre alterações feitas no CRM
label-events-hours = Só o que começa dentro deste horário
days = Dias
label-events-hours-days = Dias
label-events-hours-from = Das
label-events-hours-to = Até as
label-events-hours-time_zone = Fuso horário
day-mon = segunda-feira
day-tue = terça-feira
day-wed = quarta-feira
day-thu = quinta-feira
day-fri = sexta-feira
day-sat = sábado
day-sun = domingo
label-tasks-enabled = Manter as tarefas em dia com o Google Tarefas
label-tasks-direction = Sentido das tarefas
label-tasks-conflict_winner = Se a mesma tarefa foi alterada nos dois lados, manter
label-tasks-deletions = Se uma tarefa é excluída em um lado
label-tasks-list = Lista do Google Tarefas
tasks-list-hint = “@default” é a sua primeira lista.
contacts-label-hint = Se ainda não existir, é criado assim que um contato tiver de recebê-lo.
label-contacts-enabled = Manter os contatos em dia com o Google Contatos
label-contacts-direction = Sentido dos contatos
label-contacts-conflict_winner = Se o mesmo contato foi alterado nos dois lados, manter
label-contacts-deletions = Se um contato é excluído em um lado
label-contacts-scope = Quais contatos
contacts-tagged = os que têm a tag ou o marcador abaixo
contacts-all = todos os meus
label-contacts-tags = Tags no CRM, separadas por vírgulas
label-contacts-label = Marcador no Google Contatos
save-settings = Salvar configurações
nothing-saved = Nada foi salvo:
