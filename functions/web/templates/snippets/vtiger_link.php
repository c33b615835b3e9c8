<?php
chdir(__DIR__);
require_once 'config.inc.php';
require_once 'vendor/autoload.php';
require_once 'includes/main/WebUI.php';
Vtiger_Session::init();
$pages = new Vtiger_WebUI();
$current_user = $pages->getLogin();
if (!$current_user) {
    header('Location: index.php');
    exit;
}
$user = array(
    'sub' => (string) $current_user->id,
    'name' => trim($current_user->first_name . ' ' . $current_user->last_name),
    'email' => $current_user->email1,
    'locale' => substr($current_user->language, 0, 2),
    'return_url' => rtrim($site_URL, '/') . '/index.php',
);
{{ signing }}
