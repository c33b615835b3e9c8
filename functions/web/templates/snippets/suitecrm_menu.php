<?php
$global_control_links['google_sync'] = array(
    'linkinfo' => array('Google sync' => 'index.php?entryPoint=google_sync'),
);
