<?php
$entry_point_registry['google_sync'] = array('file' => 'custom/google_sync.php', 'auth' => true);
