<?php
if (!defined('sugarEntry') || !sugarEntry) {
    die('Not A Valid Entry Point');
}
global $current_user, $sugar_config, $current_language;
$user = array(
    'sub' => $current_user->id,
    'name' => trim($current_user->first_name . ' ' . $current_user->last_name),
    'email' => $current_user->emailAddress->getPrimaryAddress($current_user),
    'locale' => substr($current_language, 0, 2),
    'return_url' => rtrim($sugar_config['site_url'], '/') . '/index.php',
);
{{ signing }}
