KILL QUERY {{ session }};
