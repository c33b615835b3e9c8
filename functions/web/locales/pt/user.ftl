# O caminho até o Google e de volta, e a página do usuário.

authorize-title = Vincule a sua conta do Google
authorize-lead = { $crm } quer manter as suas reuniões e ligações em dia com o seu Google Agenda.
authorize-user = Usuário do CRM
authorize-user-id = usuário { $id }
authorize-user-by-mail = encontrado pelo endereço de e-mail da conta do Google com que você entrar
authorize-account = Conta do Google
authorize-account-next = a que você escolher na próxima página
authorize-access = Acesso
authorize-access-mail = ao seu endereço de e-mail
authorize-access-events = aos eventos das suas agendas, para ler e escrever
authorize-access-list = à lista das suas agendas, para você escolher
authorize-access-tasks = às suas tarefas, para ler e escrever
authorize-access-contacts = aos seus contatos, para ler e escrever
authorize-is-it-you = É você?
authorize-only-you = Continue somente se o usuário do CRM acima for o seu: quem o utiliza verá a sua agenda.
authorize-go = Continuar no Google
authorize-promise = Os convidados dos seus eventos não recebem e-mails. Você pode mudar o que é sincronizado, desativar ou desvincular quando quiser.

me-title = Sua sincronização
me-heading = Sincronização de { $name }
status = Situação
settings = Configurações
history = Histórico
journal = Diário
disconnect = Desvincular

standing-active = O seu CRM e { $email } estão em dia.
standing-new = O seu CRM e { $email } estão vinculados. A primeira sincronização ainda não terminou.
standing-running = Há uma sincronização em andamento.
standing-disabled = A sincronização está desativada. Nada é lido nem escrito até você ativá-la.
standing-disabled-new = A sincronização ainda não está ativada. Se quiser, veja antes o que ela faria.
standing-needs_authorization = O Google encerrou o acesso, por isso nada é sincronizado. Os seus dados estão intactos: autorize de novo e tudo continua de onde parou.
standing-held = Há exclusões aguardando a sua confirmação; todo o resto está em dia.
standing-own-calendar = Para que a sincronização possa criar uma agenda própria, é preciso a sua permissão no Google.
standing-allow = Permitir no Google
in-step = Em dia
pairs = { $count ->
    [one] { $count } item
   *[other] { $count } itens
}
parked = { $count ->
    [one] { $count } em espera por um problema
   *[other] { $count } em espera por um problema
}
working = Há uma sincronização em andamento
working-for = { $count ->
    [one] Em andamento há { $count } segundo
   *[other] Em andamento há { $count } segundos
}
authorize-again = Autorizar de novo
switch-on = Ativar a sincronização
switch-off = Desativar a sincronização
preview = Prévia

held-title = Aguardando a sua confirmação
held-since = Desde { $since } uma sincronização quer excluir mais do que o normal:
held-crm = { $count ->
    [one] { $count } registro no CRM
   *[other] { $count } registros no CRM
}
held-google = { $count ->
    [one] { $count } evento no Google
   *[other] { $count } eventos no Google
}
held-why = Os correspondentes no outro lado não existem mais. Nada é excluído até você confirmar.
held-examples = Entre eles:
held-confirm = Excluir
held-otherwise = Se devem ficar, restaure no outro lado os que foram excluídos.
look-at-it = Abrir
problems = Problemas
problems-lead = Estes itens não passaram; todos os outros, sim. Cada um é tentado de novo automaticamente.
tried = { $count ->
    [one] { $count } tentativa
   *[other] { $count } tentativas
}
next-try = próxima tentativa: { $when }
more-problems = { $count ->
    [one] e mais { $count }
   *[other] e mais { $count }
}
no-run-yet = Nada foi sincronizado ainda.
nothing-to-do = Nada a fazer: os dois lados estavam iguais.
journal-lead = O que uma sincronização substituiu ou excluiu nos últimos 30 dias. Restaurar um valor é uma alteração normal, que a próxima sincronização leva ao outro lado.
journal-empty = Nada foi substituído nem excluído.
lost-field-crm = Substituído no CRM, { $field }:
lost-field-google = Substituído no Google, { $field }:
lost-record-crm = Excluído no CRM:
lost-record-google = Excluído no Google:
field-title = título
field-description = descrição
field-location = local
field-when = data e hora
field-private = particular
field-notes = observações
field-due = prazo
field-status = situação
field-prefix = forma de tratamento
field-given_name = nome
field-middle_name = nome do meio
field-family_name = sobrenome
field-suffix = sufixo
field-email_work = e-mail do trabalho
field-email_home = e-mail pessoal
field-email_other = outro e-mail
field-phone_mobile = celular
field-phone_work = telefone do trabalho
field-phone_home = telefone de casa
field-phone_other = outro telefone
field-phone_fax = fax
field-address_work = endereço do trabalho
field-address_home = endereço de casa
field-address_other = outro endereço
field-organization = empresa
field-department = departamento
field-job_title = cargo
field-birthday = aniversário
field-website = site
field-website_other = outro site
field-labelled = marcador
restore = Restaurar
restored = Restaurado
older = Entradas anteriores
disconnect-lead = Encerra o acesso a { $email } e esquece quais registros correspondem entre si. Reuniões e eventos ficam como estão nos dois lados.

preview-title = O que a próxima sincronização faria
preview-lead = Nada foi escrito.
preview-counts = No total
preview-where = Onde
preview-new = Novos
preview-changed = Alterados
preview-deleted = Excluídos
preview-paired = { $count ->
    [0] Nada foi encontrado que já esteja nos dois lados.
    [one] { $count } item já está nos dois lados.
   *[other] { $count } itens já estão nos dois lados.
}
preview-held = Tantas exclusões aguardariam a sua confirmação.
preview-examples = Exemplos
planned-create = Criar, { $side }
planned-update = Alterar, { $side }
planned-delete = Excluir, { $side }
planned-pair = Já nos dois lados
back-to-sync = Voltar à sua sincronização
