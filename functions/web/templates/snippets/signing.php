$part = function ($data) {
    $text = is_array($data) ? json_encode($data) : $data;
    return rtrim(strtr(base64_encode($text), '+/', '-_'), '=');
};
$key = '{{ key }}';
$now = time();
$signed = $part(array('alg' => 'HS256', 'typ' => 'JWT', 'kid' => '{{ key_id }}'))
    . '.' . $part(array_filter(array(
        'iss' => '{{ crm }}',
        'iat' => $now,
        'exp' => $now + 300,
        'jti' => bin2hex(random_bytes(16)),
    ) + $user));
$token = $signed . '.' . $part(hash_hmac('sha256', $signed, $key, true));
header('Location: {{ authorize_url }}&token=' . $token);
exit;
