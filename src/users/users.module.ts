import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UserEntity } from './entities/user.entity.js';
import { IUserRepository } from './interfaces/user-repository.js';
import { TypeormUserRepository } from './repositories/typeorm-user.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity])],
  providers: [{ provide: IUserRepository, useClass: TypeormUserRepository }],
  exports: [IUserRepository],
})
export class UsersModule {}
